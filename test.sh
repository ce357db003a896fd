#!/usr/bin/env bash
# Installs what is missing, builds the release preset and runs every test. Arguments go to ctest: ./test.sh -R unit_wire
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")"

tools/install_packages.sh build test
. tools/build_env.sh
build_preset release

exec ctest --test-dir build/release --parallel 2 --output-on-failure --no-label-summary "$@"
