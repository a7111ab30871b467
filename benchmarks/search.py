"""Measure how fast a running service completes names and finds them.

Usage: ``python benchmarks/search.py --data DATA --url http://127.0.0.1:8000``
"""

import argparse
import random
import sqlite3
import statistics
import time
from contextlib import closing
from pathlib import Path

import httpx


def main() -> None:
    """Type names that the release has, letter by letter, and print percentiles in milliseconds."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--data", type=Path, required=True)
    parser.add_argument("--url", default="http://127.0.0.1:8000")
    parser.add_argument("--names", type=int, default=200)
    options = parser.parse_args()
    with closing(sqlite3.connect(options.data / "current" / "search.sqlite")) as connection:
        names = [text for (text,) in connection.execute("SELECT text FROM name WHERE kind = 0 ORDER BY id")]
    chosen = random.Random(1).sample(names, min(options.names, len(names)))  # noqa: S311 - no secret
    typed = [name[:length] for name in chosen for length in range(1, min(len(name), 12) + 1)]
    slips = [name[:3] + name[4:] for name in chosen if len(name) > 5]
    print("| what | requests | p50 ms | p99 ms | longest ms |")
    print("|---|---:|---:|---:|---:|")
    with httpx.Client(base_url=options.url) as client:
        for what, path, texts in (
            ("completed letter by letter", "/api/v1/suggest", typed),
            ("found", "/api/v1/search", chosen),
            ("found with a letter left out", "/api/v1/search", slips),
        ):
            measure(client, path, texts)  # warm
            times = measure(client, path, texts)
            p99 = statistics.quantiles(times, n=100)[98]
            print(
                f"| {what} | {len(times):,} | {statistics.median(times):.1f} | {p99:.1f} | {max(times):.1f} |"
            )


def measure(client: httpx.Client, path: str, texts: list[str]) -> list[float]:
    """Return the milliseconds of each request."""
    times = []
    for text in texts:
        started = time.perf_counter()
        client.get(path, params={"q": text[:200]}).raise_for_status()
        times.append((time.perf_counter() - started) * 1000)
    return times


if __name__ == "__main__":
    main()
