#!/usr/bin/env python3
"""Turns the shards of a TensorFlow.js model into the files that codec_bench measures.

usage: make_weights.py MODEL_DIRECTORY OUT_DIRECTORY

OUT gets fp32.bin (the shards one after another, as shipped), bf16.bin and fp16.bin (each number rounded to the
nearest, ties to even) and bf16.safetensors (the same bf16 bytes behind a header that names every tensor).
"""

import array
import json
import pathlib
import struct
import sys


def bf16_of(fp32):
    """Round to nearest, ties to even. NaN keeps its upper half, made quiet."""
    words = array.array("I", fp32)
    halves = array.array("H", bytes(2 * len(words)))
    for i, word in enumerate(words):
        if word & 0x7FFFFFFF > 0x7F800000:
            halves[i] = word >> 16 | 0x40
        else:
            halves[i] = (word + 0x7FFF + (word >> 16 & 1)) >> 16
    return halves.tobytes()


def fp16_of(fp32):
    """Beyond the range of fp16: the largest number it has."""
    most = 65504.0
    numbers = (min(max(number, -most), most) for number in array.array("f", fp32))
    return b"".join(struct.pack("<e", number) for number in numbers)


def safetensors_of(manifest, bf16):
    """The format's header: length, JSON padded with spaces to 8 bytes, then the tensors."""
    header, offset = {}, 0
    for group in manifest:
        for weight in group["weights"]:
            size = 2
            for extent in weight["shape"]:
                size *= extent
            place = [offset, offset + size]
            header[weight["name"]] = {"dtype": "BF16", "shape": weight["shape"], "data_offsets": place}
            offset += size
    text = json.dumps(header).encode()
    text += b" " * (-len(text) % 8)
    return struct.pack("<Q", len(text)) + text + bf16[:offset]


def main():
    if len(sys.argv) != 3:
        sys.exit(__doc__)
    model, out = pathlib.Path(sys.argv[1]), pathlib.Path(sys.argv[2])
    manifest = json.loads((model / "model.json").read_text())["weightsManifest"]
    fp32 = b"".join((model / path).read_bytes() for group in manifest for path in group["paths"])
    fp32 = fp32[: len(fp32) // 4 * 4]
    bf16 = bf16_of(fp32)
    out.mkdir(parents=True, exist_ok=True)
    (out / "fp32.bin").write_bytes(fp32)
    (out / "bf16.bin").write_bytes(bf16)
    (out / "fp16.bin").write_bytes(fp16_of(fp32))
    (out / "bf16.safetensors").write_bytes(safetensors_of(manifest, bf16))


if __name__ == "__main__":
    main()
