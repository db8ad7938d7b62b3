# Superset with a database of its own, on a free port: started, toured, ended. $1 has its environment.
set -eu
here=$(cd "$(dirname "$0")" && pwd)
bin=$1/venv/bin
work=$(mktemp -d)
export SUPERSET_HOME="$work" SUPERSET_CONFIG_PATH="$work/superset_config.py" FLASK_APP=superset PYTHONDONTWRITEBYTECODE=1
cat > "$SUPERSET_CONFIG_PATH" <<CONFIG
SECRET_KEY = "only for this test"
SQLALCHEMY_DATABASE_URI = "sqlite:///$work/superset.db"
TALISMAN_ENABLED = False
CONFIG
quiet() { "$@" > "$work/log" 2>&1 || { tail -20 "$work/log"; exit 1; }; }
quiet "$bin/superset" db upgrade
quiet "$bin/superset" fab create-admin --username admin --firstname A --lastname D --email a@example.com --password admin
quiet "$bin/superset" init
port=$("$bin/python" -c 'import socket; s = socket.socket(); s.bind(("127.0.0.1", 0)); print(s.getsockname()[1])')
"$bin/superset" run -h 127.0.0.1 -p "$port" --with-threads > "$work/log" 2>&1 &
trap 'kill $!; rm -rf "$work"' EXIT
until curl -s -o "$work/health" "http://127.0.0.1:$port/health"; do
    kill -0 $! || { tail -20 "$work/log"; exit 1; }
    sleep 1
done
"$bin/python" "$here/superset_tour.py" "http://127.0.0.1:$port" \
    "postgresql+psycopg2://${PGUSER:-postgres}@127.0.0.1:$PGPORT/${PGDATABASE:-postgres}"
