#!/usr/bin/env bash
# The Node.js runtime's own unit tests. Closes with the count.
set -uo pipefail
cd "$(dirname "$0")/../runtimes/nodejs"
log=$(mktemp)
trap 'rm -f "$log"' EXIT
node --test runtime.test.js >"$log" 2>&1
status=$?
((status == 0)) || cat "$log"
count() { grep -E "^(# |ℹ )$1 [0-9]+" "$log" | grep -oE '[0-9]+' | tail -n 1; }
passed=$(count pass) failed=$(count fail)
[[ $status -eq 0 || ${failed:-0} -gt 0 ]] || failed=1
echo "${passed:-0} passed, ${failed:-0} failed"
exit $status
