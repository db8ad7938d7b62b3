# dbt-postgres: a project of its own in a temporary folder, whose sources are the movies. $1 has its environment.
set -eu
here=$(cd "$(dirname "$0")" && pwd)
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cp -r "$here/project/." "$work"
cd "$work"
export DBT_SEND_ANONYMOUS_USAGE_STATS=false DBT_USE_COLORS=false DBT_PROFILES_DIR="$work"
"$1/venv/bin/python" "$here/dbt_tour.py" 2> errors.txt || { cat errors.txt; exit 1; }
