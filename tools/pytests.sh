#!/usr/bin/env bash
# The runtimes' own unit tests, on the interpreter that functions run on. Closes with the count.
set -uo pipefail
cd "$(dirname "$0")/../runtimes/python"
log=$(mktemp)
trap 'rm -f "$log"' EXIT
/usr/bin/python3 -m unittest discover -p 'test_*.py' >"$log" 2>&1
status=$?
((status == 0)) || cat "$log"
total=$(grep -oE '^Ran [0-9]+' "$log" | grep -oE '[0-9]+' | tail -n 1)
bad=$(grep -oE '(failures|errors)=[0-9]+' "$log" | grep -oE '[0-9]+' | awk "{ n += \$1 } END { print n + 0 }")
bad=${bad:-0}
[[ $status -eq 0 || $bad -gt 0 ]] || bad=1
echo "$((${total:-0} - bad)) passed, $bad failed"
exit $status
