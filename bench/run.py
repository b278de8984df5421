"""Measures, prints tables and writes them to ``docs/developing/benchmarks.md``.

Each part writes its raw values to ``bench/results/<part>.json`` and has a section of
the page, so one part can be repeated alone: ``make bench ARGS=start``.
"""

import argparse
import json
import os
from collections.abc import Callable, Sequence
from dataclasses import asdict
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from bench import cluster, environment, first_bar, monitor, report, share, start

RESULTS = Path(__file__).parent / "results"
DOCUMENT = Path(__file__).parent.parent / "docs/developing/benchmarks.md"
ROWS: dict[str, Callable[[list[Any]], list[report.Row]]] = {
    "monitor": lambda values: report.monitor_rows([monitor.Run(**it) for it in values]),
    "start": lambda values: report.start_rows([start.Pair(**it) for it in values]),
    "first-bar": report.first_bar_rows,
    "cluster": lambda values: report.cluster_rows(
        [cluster.Waits(**it) for it in values]
    ),
    "share": lambda values: report.share_rows([share.Measured(**it) for it in values]),
}


def main(arguments: Sequence[str] | None = None) -> None:
    """Measure the parts that were asked for and write their sections anew."""
    parser = argparse.ArgumentParser(prog="bench", description=__doc__)
    parser.add_argument(
        "parts", nargs="*", help="monitor, start, first-bar, cluster, share; or all"
    )
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--tasks", type=int, default=10_000)
    parser.add_argument("--pairs", type=int, default=10)
    parser.add_argument("--spawns", type=int, default=20)
    parser.add_argument(
        "--quick",
        action="store_true",
        help="measure little of share, to see that it works, and write nothing",
    )
    options = parser.parse_args(arguments)
    size = share.QUICK if options.quick else share.Size()
    parts: dict[str, tuple[str, Callable[[], list[Any]]]] = {
        "monitor": (
            f"{options.rounds} rounds with N = {options.tasks:,}",
            lambda: measure_monitor(options.rounds, options.tasks),
        ),
        "start": (
            f"{options.pairs} pairs of kernel starts",
            lambda: measure_start(options.pairs),
        ),
        "first-bar": ("one start from nothing", lambda: [first_bar.measure()]),
        "cluster": (
            f"{options.spawns} starts on Kubernetes",
            lambda: [asdict(cluster.measure(options.spawns))],
        ),
        "share": (
            size.words,
            lambda: [asdict(share.measure(size))],
        ),
    }
    for name in options.parts or parts:
        extent, measure = parts[name]
        # A figure of a machine that was busy with something else is worth less.
        load = f"load average {os.getloadavg()[0]:.1f} before"
        record = taken(f"{extent} ({load})", measure())
        text = report.section(name, record, ROWS[name](record["values"]))
        print(text)
        if options.quick:
            continue
        RESULTS.mkdir(exist_ok=True)
        (RESULTS / f"{name}.json").write_text(json.dumps(record, indent=1))
        DOCUMENT.write_text(report.document(DOCUMENT.read_text(), {name: text}))


def measure_monitor(rounds: int, tasks: int) -> list[Any]:
    """Measure what watching a job costs, saying each run."""
    runs: list[Any] = []
    arms = [environment.cygnet(), environment.peer()]
    for run in monitor.measure(arms, rounds, tasks):
        print(run, flush=True)
        runs.append(asdict(run))
    return runs


def measure_start(pairs: int) -> list[Any]:
    """Measure what the extensions add to a kernel's start, saying each pair."""
    bare, loaded = environment.bare(), environment.cygnet()
    measured: list[Any] = []
    for pair in start.measure(bare, loaded, pairs):
        print(pair, flush=True)
        measured.append(asdict(pair))
    return measured


def taken(extent: str, values: list[Any]) -> dict[str, Any]:
    """Give the raw values of a part with the time and the machine."""
    return {
        "at": datetime.now(UTC).isoformat(timespec="seconds"),
        "machine": environment.machine(),
        "extent": extent,
        "values": values,
    }


if __name__ == "__main__":
    main()
