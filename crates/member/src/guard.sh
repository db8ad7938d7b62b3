# Runs a program and ends it when our standard input closes, which it does when whoever started us is gone, however that
# happened (kill -9 included). Arguments: folder, signal, seconds of grace, program and its arguments.
# Prints the program's process id; the program's output goes to "output" in the folder. Exits with the program's code.
folder=$1 signal=$2 grace=$3
shift 3
exec 3<&0 </dev/null
"$@" >>"$folder/output" 2>&1 3<&- &
program=$!
echo "$program"
exec >/dev/null 2>&1
(
    read -r _ <&3
    kill -s "$signal" "$program"
    ticks=$((grace * 10))
    while [ "$ticks" -gt 0 ] && kill -0 "$program"; do
        sleep 0.1
        ticks=$((ticks - 1))
    done
    kill -s KILL "$program"
) &
watcher=$!
wait "$program"
code=$?
kill "$watcher"
# Whoever started us removes the folder, unless there is nobody any more. Who dies closes our input before it is dead, and
# can be signalled until somebody waits for it, so that is looked at a moment later, without keeping anybody waiting.
(
    sleep 0.5
    kill -0 "$PPID" && ! grep -q "^State:.*Z" "/proc/$PPID/status" || rm -rf "$folder"
) 3<&- &
exit "$code"
