#!/usr/bin/env bash
# Memory and GET latency as the number of small objects grows.
# usage: bench/run_scale.sh [--objects N] [--small N] [--json FILE]
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."
tools/install_packages.sh build
. tools/build_env.sh
build_preset release tokenplane
exec /usr/bin/python3 bench/scale_bench.py "$@"
