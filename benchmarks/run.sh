#!/usr/bin/env bash
# The trigger beside a MailKit loop, ImapFlow and a bare socket, on a server that costs next to nothing; on this machine alone.
#   ./benchmarks/run.sh [NAME]... [--rounds=3] [--contenders=mailkit,trigger]
# Names are in docs/performance.md; without one all are measured (about an hour). Tables: the output and artifacts/benchmarks/report.md; every value: *.json beside it.
set -euo pipefail
cd "$(dirname "$0")"
export BENCHMARKS=$PWD DOTNET_CLI_TELEMETRY_OPTOUT=1 DOTNET_NOLOGO=1
out=$PWD/../artifacts/benchmarks && mkdir -p "$out"
[ -d imapflow/node_modules ] || (cd imapflow && npm ci --ignore-scripts --no-audit --no-fund --loglevel=error)
dotnet build -c Release -v quiet ImapTrigger.Benchmarks >&2
exe=$PWD/ImapTrigger.Benchmarks/bin/Release/net10.0/ImapTrigger.Benchmarks
# A connection for each of 10,000 mailboxes, on both sides.
ulimit -n "$(ulimit -Hn)"

names=() options=() distance=0
for word in "$@"; do
  case $word in
    --*) options+=("$word") ;;
    distance) distance=1 ;;
    *) names+=("$word") ;;
  esac
done

: >"$out/report.md"
if [ ${#names[@]} -gt 0 ] || [ "$distance" = 0 ]; then
  "$exe" "${names[@]}" "${options[@]}" --json="$out/results.json" | tee -a "$out/report.md"
fi
if [ "$distance" = 1 ] || [ ${#names[@]} = 0 ]; then
  # In a network of its own, where packets take 15 ms each way. It needs root and /dev/net/tun.
  export exe out
  unshare -n bash -c '
    coproc way { exec "$exe" roundtrip 30; }
    read -r <&"${way[0]}" && BENCH_REMOTE=10.9.0.2 "$exe" distance "$@" --json="$out/distance.json"
    result=$? && kill "$way_PID" && exit "$result"' bash "${options[@]}" | tee -a "$out/report.md"
fi
