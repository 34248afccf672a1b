#!/usr/bin/env bash
# Builds everything and runs every test; the last line is "N passed, N failed, N skipped".
#   ./test.sh chaos [--minutes N] [--seed S]   hosts, servers and networks fail at random; the last line is the ledger as JSON
#   ./test.sh fuzz  [--minutes N] [--seed S]   malformed answers and messages
#   ./test.sh dashboard [--minutes N]          a run with Prometheus, whose data stays in artifacts/prometheus
#   ./test.sh sets [--minutes N]               a set of mailboxes that changes by 100 a minute while mail comes
#   ./test.sh many [--mailboxes N]             so many mailboxes in one process, each with its message
#   ./test.sh mutate [--room NAME]...          breaks the code of Ownership, Delivery, Listening, Imap on purpose; reports in artifacts/mutation
set -euo pipefail
cd "$(dirname "$0")"
export DOTNET_CLI_TELEMETRY_OPTOUT=1 DOTNET_NOLOGO=1

if [ "${1:-}" = mutate ]; then
  shift && rooms=()
  while [ $# -gt 0 ]; do
    case $1 in
      --room) rooms+=("$2") && shift 2 ;;
      *) echo "Unknown: $1. There is --room." >&2 && exit 2 ;;
    esac
  done
  [ ${#rooms[@]} -gt 0 ] || rooms=(Ownership Delivery Listening Imap)
  dotnet tool restore
  # Random servers, fewer than a test run has.
  export IMAPTRIGGER_SEEDS=5
  for room in "${rooms[@]}"; do
    echo "== $room, $(date +%T)"
    report=$PWD/artifacts/mutation/$room
    # Its own folder for temporary files: two runs beside each other would switch each other's mutants.
    mkdir -p "$report/tmp"
    # What talks to a server or a host has no unit tests; its tests are of ./test.sh.
    (cd tests/ImapTrigger.UnitTests && TMPDIR=$report/tmp IMAPTRIGGER_MUTATE=$room nice -n 19 dotnet stryker --skip-version-check -O "$report" -m "**/$room/*.cs" \
      -m '!**/Imap/ImapSession*.cs' -m '!**/Imap/ImapConnector.cs' -m '!**/Imap/ImapIdle.cs' -m '!**/Imap/IdleCommand.cs' -m '!**/Imap/WatchingClient.cs' \
      -m '!**/Listening/ImapIdleListener*.cs' -m '!**/Listening/MailboxWatch.cs' -m '!**/Listening/MailboxWork.cs' -m '!**/Listening/FolderWatch.cs')
  done
  exit
fi

if ! { command -v dovecot && command -v prometheus && [ -e artifacts/servers/proxies ]; } >/dev/null && [ "$(id -u)" = 0 ]; then
  echo "== install Dovecot and Prometheus, unpack Cyrus, Courier and two proxies"
  # 101: the packages must not start the system's servers; the tests start their own.
  policy=/usr/sbin/policy-rc.d
  if [ ! -e "$policy" ]; then
    printf '#!/bin/sh\nexit 101\n' >"$policy" && chmod +x "$policy"
    trap 'rm -f /usr/sbin/policy-rc.d' EXIT
  fi
  { apt-get update -qq && apt-get install -y -qq --no-install-recommends dovecot-imapd prometheus; } >/dev/null 2>&1 || echo "Dovecot and Prometheus could not be installed."
  bash tests/unpack-servers.sh artifacts/servers >/dev/null 2>&1 || echo "Cyrus, Courier and the proxies could not be unpacked."
fi

if [ ! -d tests/azurite/node_modules/azurite ]; then
  echo "== install Azurite"
  (cd tests/azurite && npm ci --ignore-scripts --no-audit --no-fund --loglevel=error) >/dev/null 2>&1 || echo "Azurite could not be installed (npm ci in tests/azurite)."
fi

echo "== restore and build"
restore=()
[ "${CI:-}" = true ] && restore=(-p:RestoreLockedMode=true)
dotnet build ImapTrigger.sln -c Release -v quiet "${restore[@]}"

if [ "${1:-}" = chaos ] || [ "${1:-}" = fuzz ] || [ "${1:-}" = dashboard ] || [ "${1:-}" = sets ] || [ "${1:-}" = many ]; then
  run=$1 && shift
  export CHAOS_MINUTES=10 FUZZ_MINUTES=10 DASHBOARD_MINUTES=10 SET_MINUTES=10 MANY_MAILBOXES=10000
  while [ $# -gt 0 ]; do
    case $1 in
      --minutes) export CHAOS_MINUTES=$2 FUZZ_MINUTES=$2 DASHBOARD_MINUTES=$2 SET_MINUTES=$2 && shift 2 ;;
      --mailboxes) export MANY_MAILBOXES=$2 && shift 2 ;;
      --seed) export CHAOS_SEED=$2 FUZZ_SEED=$2 && shift 2 ;;
      *) echo "Unknown: $1. There are --minutes, --seed and --mailboxes." >&2 && exit 2 ;;
    esac
  done
  tests=tests/ImapTrigger.IntegrationTests/bin/Release/net10.0/ImapTrigger.IntegrationTests
  if [ "$run" = fuzz ]; then
    exec "$tests" -class ImapTrigger.IntegrationTests.Fuzz.FuzzTests -showLiveOutput
  fi
  if [ "$run" = sets ]; then
    exec "$tests" -class ImapTrigger.IntegrationTests.Mailboxes.ChangingSetTests -showLiveOutput
  fi
  if [ "$run" = many ]; then
    exec "$tests" -class ImapTrigger.IntegrationTests.Mailboxes.TwoThousandMailboxesTests -showLiveOutput
  fi
  if [ "$run" = dashboard ]; then
    exec "$tests" -class ImapTrigger.IntegrationTests.Operating.DashboardTests -showLiveOutput
  fi
  rm -f artifacts/chaos.json && result=0
  # Without colours: nothing must stand before the JSON of the last line.
  "$tests" -class ImapTrigger.IntegrationTests.Chaos.ChaosTests -noColor || result=$?
  echo
  cat artifacts/chaos.json
  exit "$result"
fi

rm -rf artifacts/tests && mkdir -p artifacts/tests
crashed=0
projects=(tests/*Tests)
for i in "${!projects[@]}"; do
  name=$(basename "${projects[$i]}")
  echo "== $name ($((i + 1)) of ${#projects[@]}), $(date +%T)"
  "${projects[$i]}/bin/Release/net10.0/$name" -result-xml "artifacts/tests/$name.xml" -noColor "$@" || crashed=1
done

sum() { { grep -ohE "<assembly [^>]*" artifacts/tests/*.xml | grep -oE " $1=\"[0-9]+\"" | grep -oE '[0-9]+' || true; } | awk '{n += $1} END {print n + 0}'; }
passed=$(sum passed) failed=$(($(sum failed) + $(sum errors))) skipped=$(sum skipped)
if [ "$failed" = 0 ] && { [ "$crashed" = 1 ] || [ "$passed" = 0 ]; }; then
  echo "A test run ended without saying which test failed, or nothing ran."
  failed=1
fi
# Once more: what they printed may be thousands of lines above.
{ grep -ohE '<test [^>]*result="Fail"' artifacts/tests/*.xml || true; } | sed -E 's/.* name="([^"]*)".*/failed: \1/'
echo "$passed passed, $failed failed, $skipped skipped"
[ "$failed" = 0 ]
