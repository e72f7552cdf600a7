#!/bin/sh
# Measures a suite on a build of etcd and, in turns, on a pinned reference, adds the results to a series,
# and finds changes in the series. For cron or a CI job; see docs/comparing.md.
#
#   nightly.sh REFERENCE_ETCD HEAD_ETCD [SERIES_DIR]
#
# SERIES_DIR (nightly) keeps a folder of results for each night, and summary.md and trend.html of all.
# A night that was cut short goes on where it stopped when the script runs again on the same day.
#   SUITE=nightly      the suite: a built-in one, or a file
#   NIGHT=2026-08-01   the name of the night, a point of the series (today, UTC)
#   COMMIT=4f2a9c1     printed with a change (none)
#   BENCH=bench        the command
# Exit code: that of the suite where it is not 0, else that of the trend: 1 where a gate is worse.
set -eu
if [ $# -lt 2 ]; then
  echo "usage: nightly.sh REFERENCE_ETCD HEAD_ETCD [SERIES_DIR]" >&2
  exit 2
fi
reference=$1 head=$2 series=${3:-nightly}
bench=${BENCH:-bench}
night=${NIGHT:-$(date -u +%Y-%m-%d)}
folder=$series/$night

mkdir -p "$series"
measured=0
if [ -e "$folder/suite.json" ]; then
  $bench run --resume="$folder" || measured=$?
else
  $bench run "${SUITE:-nightly}" --local --reference-etcd="$reference" --etcd="$head" \
    --label=night="$night" ${COMMIT:+--label=commit="$COMMIT"} --save="$folder" || measured=$?
fi

judged=0
$bench trend "$series" -o table -o markdown="$series/summary.md" -o html="$series/trend.html" || judged=$?

if [ "$measured" -ne 0 ]; then
  echo "nightly.sh: the suite ended with exit code $measured" >&2
  exit "$measured"
fi
exit "$judged"
