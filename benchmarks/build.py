"""Measure a build: reading and writing, loading, and ``oxigraph load`` of the same N-Quads, in one run.

The build runs in processes of its own. The peak of memory is that of the largest single process, taken
from ``/proc`` (Linux). The last column compares with the ``oxigraph`` command line, which only loads.

Examples
--------
  python benchmarks/build.py --source ../shared/idr --ontologies ../shared/ontologies --repeat 3
"""

import argparse
import json
import os
import resource
import shutil
import subprocess
import sys
import sysconfig
import tempfile
import threading
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from statistics import median


@dataclass(frozen=True, slots=True)
class Run:
    """One measured step.

    Attributes
    ----------
    step
        What was done.
    seconds
        Wall-clock time.
    quads
        How many quads it was done to.
    peak
        Resident memory of the largest process, in bytes; 0 if unknown.
    """

    step: str
    seconds: float
    quads: int
    peak: int


class MemoryWatch(threading.Thread):
    """Watches a process and all its descendants.

    Parameters
    ----------
    root
        Process id.
    pause
        Seconds between two looks; each process knows its own peak, so only one that ends within a pause
        can be missed.

    Attributes
    ----------
    peaks
        Peak of resident memory by process id, in bytes.
    """

    def __init__(self, root: int, pause: float = 0.1) -> None:
        super().__init__(daemon=True)
        self.peaks: dict[int, int] = {}
        self._root, self._pause, self._done = root, pause, threading.Event()

    def run(self) -> None:
        """Look until :meth:`stop` is called."""
        while not self._done.wait(self._pause):
            for pid in _descendants(self._root):
                self.peaks[pid] = max(self.peaks.get(pid, 0), _peak(pid))

    def stop(self) -> int:
        """End the watch, when all processes have ended; returns the peak of the largest process.

        The system remembers the peak of children that have been waited for, however short they lived.
        """
        self._done.set()
        self.join()
        waited = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss * 1024 if not self.peaks else 0
        return max(waited, *self.peaks.values(), 0)


def _descendants(root: int) -> list[int]:
    children: dict[int, list[int]] = {}
    for stat in Path("/proc").glob("[0-9]*/stat"):
        try:
            parent = int(stat.read_text().rpartition(")")[2].split()[1])
        except (OSError, IndexError):
            continue
        children.setdefault(parent, []).append(int(stat.parent.name))
    found, todo = [], [root]
    while todo:
        pid = todo.pop()
        found.append(pid)
        todo += children.get(pid, [])
    return found


def _peak(pid: int) -> int:
    try:
        lines = Path(f"/proc/{pid}/status").read_text().splitlines()
    except OSError:
        return 0
    return next((int(line.split()[1]) * 1024 for line in lines if line.startswith("VmHWM:")), 0)


def run_build(arguments: Sequence[str], data: Path) -> list[Run]:
    """Build once into ``data``, in a process of its own."""
    command = [sys.executable, __file__, "--child", str(data), *arguments]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        watch = MemoryWatch(process.pid)
        watch.start()
        output, _ = process.communicate()
        peak = watch.stop()
    if process.returncode:
        raise SystemExit(process.returncode)
    timed = json.loads(output.splitlines()[-1])
    write, load, quads = timed["write"], timed["load"], timed["quads"]
    return [
        Run("read and write", write, quads, peak),
        Run("load", load, quads, peak),
        Run("whole build", write + load, quads, peak),
    ]


def run_oxigraph(program: str, files: Sequence[Path], quads: int) -> Run:
    """Load the same files with the command line of Oxigraph."""
    with tempfile.TemporaryDirectory() as folder:
        command = [program, "load", "--location", folder, "--file", *map(str, files)]
        begin = time.perf_counter()
        with subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL) as process:
            watch = MemoryWatch(process.pid)
            watch.start()
            code = process.wait()
            peak = watch.stop()
        seconds = time.perf_counter() - begin
    if code:
        message = f"{program} load failed with exit code {code}"
        raise SystemExit(message)
    return Run("oxigraph load", seconds, quads, peak)


def child(data: Path, options: argparse.Namespace) -> None:
    """Build and print when what was done; the parent process measures the memory."""
    from bioimg_kg.etl.pipeline import BuildOptions, build

    begin = time.perf_counter()
    written = begin

    def note(line: str) -> None:
        nonlocal written
        if line.startswith("load "):
            written = time.perf_counter()

    release = build(
        BuildOptions(
            sources=options.source,
            data=data,
            studies=options.study,
            ontologies=options.ontologies,
            name="benchmark",
            jobs=options.jobs,
        ),
        note,
    )
    end = time.perf_counter()
    timed = {"write": written - begin, "load": end - written, "quads": release.manifest["counts"]["quads"]}
    print(json.dumps(timed))


def table(runs: Sequence[Run]) -> str:
    """Return the medians of all runs as a Markdown table.

    Examples
    --------
    >>> print(table([Run("load", 3.0, 900, 10**8), Run("oxigraph load", 2.0, 900, 2 * 10**8)]))
    | step | seconds | quads per second | peak MB | ours / oxigraph load |
    |---|---:|---:|---:|---:|
    | load | 3.0 | 300 | 100 | 1.50 |
    | oxigraph load | 2.0 | 450 | 200 | 1.00 |
    """
    lines = [
        "| step | seconds | quads per second | peak MB | ours / oxigraph load |",
        "|---|---:|---:|---:|---:|",
    ]
    steps = list(dict.fromkeys(run.step for run in runs))
    seconds = {step: median(run.seconds for run in runs if run.step == step) for step in steps}
    for step in steps:
        here = [run for run in runs if run.step == step]
        times = sorted(run.seconds for run in here)
        spread = f" ({times[0]:.1f}-{times[-1]:.1f})" if len(times) > 1 else ""
        rate = here[0].quads / seconds[step]
        peak = max(run.peak for run in here) / 1e6
        ratio = f"{seconds[step] / seconds['oxigraph load']:.2f}" if "oxigraph load" in seconds else "-"
        lines.append(f"| {step} | {seconds[step]:.1f}{spread} | {rate:,.0f} | {peak:,.0f} | {ratio} |")
    return "\n".join(lines)


def find_oxigraph() -> str | None:
    """Return the ``oxigraph`` program of this environment, or of the path."""
    beside = Path(sysconfig.get_path("scripts")) / "oxigraph"
    return str(beside) if beside.is_file() else shutil.which("oxigraph")


def parser() -> argparse.ArgumentParser:
    """Return the command line."""
    made = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    made.add_argument("--source", type=Path, action="append", required=True, help="folder of studies")
    made.add_argument("--ontologies", type=Path, help="folder of .obo files")
    made.add_argument("--study", action="append", default=[], help="only this study; may be repeated")
    made.add_argument("--jobs", type=int, default=0, help="processes; default: one per core")
    made.add_argument("--repeat", type=int, default=1, help="how often; the table shows medians")
    made.add_argument("--child", type=Path, help=argparse.SUPPRESS)
    return made


def main(arguments: Sequence[str]) -> None:
    """Measure and print the table."""
    options = parser().parse_args(arguments)
    if options.child:
        child(options.child, options)
        return
    program = find_oxigraph()
    runs: list[Run] = []
    for number in range(options.repeat):
        with tempfile.TemporaryDirectory() as folder:
            runs += run_build(arguments, Path(folder))
            files = sorted((Path(folder) / "current" / "quads").rglob("*.nq.gz"))
            if program:
                runs.append(run_oxigraph(program, files, runs[-1].quads))
        print(f"run {number + 1} of {options.repeat} done", file=sys.stderr)
    if not program:
        print("no oxigraph program found: pip install oxigraph to compare", file=sys.stderr)
    print(f"{runs[0].quads:,} quads, {options.jobs or os.cpu_count()} processes, {os.cpu_count()} cores\n")
    print(table(runs))


if __name__ == "__main__":
    main(sys.argv[1:])
