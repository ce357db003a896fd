#!/usr/bin/env bash
# What snapshots cost: how long one of a large bucket takes, and the PUT rate of a bucket that keeps many beside that of
# one that keeps none, in turns.
# usage: bench/run_time.sh [--objects N] [--snapshots N] [--rounds N] [--seconds S] [--directory DIR] [--json FILE]
# Status 0: every bar is met; 1: not.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."
for argument in "$@"; do
  if [ "$argument" = --help ] || [ "$argument" = -h ]; then
    sed -n '2,5s/^# //p' "$0"
    exit 0
  fi
done
. tools/build_env.sh
if [ -z "${TOKENPLANE_BIN:-}" ]; then
  tools/install_packages.sh build
  build_preset release tokenplane
fi
exec /usr/bin/python3 -B bench/time_bench.py "$@"
