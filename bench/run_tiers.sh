#!/usr/bin/env bash
# Moves objects hot -> warm -> archive (another Token Plane) while clients read and write, and compares the clients' p99
# with what it was before; then reads everything back.
# usage: bench/run_tiers.sh [--bytes SIZE] [--rate SIZE] [--seconds S] [--json FILE]
# Status 0: every bar is met; 1: not; 77: it cannot run here, and says why.
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
  tools/install_packages.sh build bench
  build_preset release tokenplane
fi
/usr/bin/python3 -c 'import boto3' 2>/dev/null || { echo "run_tiers.sh: skipped: no python3-boto3" >&2; exit 77; }
exec /usr/bin/python3 -B bench/tiers/tier_rounds.py "$@"
