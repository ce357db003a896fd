"""Memory and GET latency at two numbers of objects in one store. See run_scale.sh."""

import argparse
import json
import pathlib
import shutil
import sys
import tempfile

import peers

MIB = 1 << 20


def measure(server, work, objects, seconds):
    """Random GETs over all keys by one connection: latency, not throughput."""
    report = peers.load(server.port, work, no_prepare=True, mix="get=1", objects=objects, size=256, connections=1,
                        duration=seconds, warm_up=2)
    resident, shared = server.rss_bytes()
    get = report["operations"]["get"]
    return {"objects": objects, "get_mean_us": get["latency_us"]["mean"], "get_p50_us": get["latency_us"]["p50"],
            "get_p99_us": get["latency_us"]["p99"], "errors": get["errors"], "rss_bytes": resident - shared,
            "block_cache_rss_bytes": shared}


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--objects", type=int, default=10_000_000)
    parser.add_argument("--small", type=int, default=100_000)
    parser.add_argument("--seconds", type=float, default=10)
    parser.add_argument("--object-cache-mib", type=int, default=64)
    parser.add_argument("--metadata-cache-mib", type=int, default=512)
    parser.add_argument("--json")
    parser.add_argument("--directory", default=None)
    arguments = parser.parse_args()
    work = pathlib.Path(tempfile.mkdtemp(prefix="tokenplane-scale-", dir=arguments.directory))
    caches = (arguments.object_cache_mib + arguments.metadata_cache_mib) * MIB
    server = peers.TokenPlane(work / "store", ["--object-cache", f"{arguments.object_cache_mib}MiB", "--metadata-cache",
                                               f"{arguments.metadata_cache_mib}MiB"])
    rows = []
    try:
        made = 0
        for target in (arguments.small, arguments.objects):
            filled = peers.load(server.port, work, size=256, objects=made, mix="put=1", create_keys=True,
                                connections=64, operations=target - made, no_prepare=made > 0)
            rate = filled["operations"]["put"]["per_second"]
            made = target
            row = measure(server, work, target, arguments.seconds)
            row["put_per_second"] = rate
            rows.append(row)
            print(f"{target:>12,} objects: PUT {rate:,.0f}/s, GET mean {row['get_mean_us']:.0f} us, "
                  f"p50 {row['get_p50_us']:.0f} us, p99 {row['get_p99_us']:.0f} us, "
                  f"memory {row['rss_bytes'] / MIB:,.0f} MiB "
                  f"({(row['rss_bytes'] - caches) / MIB:,.0f} MiB besides the caches)", flush=True)
    finally:
        server.stop()
        shutil.rmtree(work, ignore_errors=True)
    ratio = rows[1]["get_mean_us"] / rows[0]["get_mean_us"]
    beside = rows[1]["rss_bytes"] - caches
    print(f"GET latency ratio {ratio:.2f} (bar 1.5); memory besides the configured caches {beside / MIB:,.0f} MiB "
          f"(bar 1024)")
    if arguments.json:
        pathlib.Path(arguments.json).write_text(json.dumps(rows, indent=2) + "\n")
    return 0 if ratio <= 1.5 and beside < 1024 * MIB else 1


if __name__ == "__main__":
    sys.exit(main())
