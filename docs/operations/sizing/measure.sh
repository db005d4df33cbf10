#!/usr/bin/env bash
# What a server takes for a host: processor time and memory, which unlike latency hardly depend on what else
# the machine does. Needs Linux, Python 3, and `embargo` of a release build.
#
# usage: docs/operations/sizing/measure.sh [EMBARGO] [POLICIES]
set -euo pipefail
here=$(cd "$(dirname "$0")" && pwd)
embargo=${1:-embargo}
policies=${2:-policies}
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
python3 "$here/hosts.py" 1000 300 >"$work/300.ndjson"
python3 "$here/hosts.py" 1000 30 >"$work/30.ndjson"

"$embargo" serve --listen 127.0.0.1:18181 --policies "$policies" --log-level warn >/dev/null 2>&1 &
server=$!
until "$embargo" healthcheck http://127.0.0.1:18181 >/dev/null 2>&1; do
  kill -0 "$server"
  sleep 0.2
done
# User and system time, in hundredths of a second.
taken() { awk '{print $14 + $15}' "/proc/$server/stat"; }
memory() { awk '/VmRSS|VmHWM/ {printf "%s %d MiB  ", $1, $2 / 1024} END {print ""}' "/proc/$server/status"; }

echo "after the start: $(memory)"
for items in 300 30; do
  for _ in 1 2 3 4 5 6 7; do
    before=$(taken)
    # The exit code says what was decided, which does not matter here.
    "$embargo" decide "$work/$items.ndjson" --summary --server http://127.0.0.1:18181 >/dev/null || true
    after=$(taken)
    echo "$items $(((after - before) * 10))"
  done
done | sort -n -k1,1 -k2,2 | awk '{of[$1] = of[$1] " " $2} END {for (items in of) {split(of[items], us, " ");
  printf "%d items a host: %d us of one core a host\n", items, us[4]}}'
echo "after deciding:  $(memory)"
kill "$server"
wait "$server"
