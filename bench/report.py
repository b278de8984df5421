"""Turns measurements into one table, for the terminal and for the documents."""

import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from statistics import median
from typing import Any

from bench.cluster import Waits, percentile
from bench.monitor import Run
from bench.share import Measured
from bench.start import Pair

ARMS = ("cygnet", "sparkmonitor")
INTRODUCTION = """# Benchmarks

`make bench` writes this page; do not edit it. No test compares times: the figures
below are those of one machine on one day, and ratios are more comparable between
machines than seconds. A part that is measured again replaces its own section.
"""


@dataclass(frozen=True, slots=True)
class Section:
    """What the page says of one part, whatever was measured."""

    title: str
    """Its heading."""
    how: str
    """How it is measured, a paragraph."""
    arms: tuple[str, ...] = ("Cygnet", "sparkmonitor 3.3.0")
    """What is compared: the columns of the table."""


SECTIONS = {
    "monitor": Section(
        "Watching a job",
        """Two kernels take turns: one with Cygnet's extensions, one with SWAN's
`sparkmonitor` 3.3.0 from PyPI in an environment of its own with the same Spark,
ipykernel and Java. In each, a watched run is compared with an unwatched one
in the same JVM; the order changes from round to round and each run has a new
SparkContext. The job is `spark.range(0, N, 1, N)` summed up: N tasks that do nothing,
the hardest case for a monitor. The table gives medians with the range in brackets.
Processor time is that of kernel and JVM until the job's end; what a page still
receives after it is the backlog. Delays are taken by the JVM's own times of start and
end. No browser is attached: the rates are those of the messages that each page would
receive.""",
    ),
    "start": Section(
        "Starting a kernel",
        """Kernels with and without the extensions are started in turns, until the
first answer.""",
    ),
    "first-bar": Section(
        "From nothing to the first bar",
        """`make up` in a fresh clone, with the package caches as they are, until a
panel shows the first bar of the example's first job.""",
    ),
    "cluster": Section(
        "On Kubernetes",
        """A release of its own runs on the one-node cluster of the tests. Its owner
starts a server with the image on the node, by HTTP as a browser would, from the click
to JupyterLab's page and on to the first answer of a kernel, and stops it again. Then
sessions with executors in pods are made: their time runs from the first job to the
registration of each of two executors with the driver. The first comes with the session
and is mostly there before, which counts as 0; the other is asked for by the job.""",
    ),
    "share": Section(
        "Sharing folders",
        """The sharing service runs in a process of its own, with a stand-in for the
hub; publishers and mirrors are those of the notebook server, all in one other process
on the same processors. A save is one of a notebook of 200 KB, and counts until the file
is in the other's folder; all pairs save at once. Files are published after a scan of
their folder, from random bytes; git commits (`add --all`) and rsync copies
(`--checksum`) the same folder in the same run. The viewer shows notebooks that it has
not shown before.""",
        ("Cygnet", "git", "rsync"),
    ),
}
# From here on decimals say nothing.
LARGE = 100


@dataclass(frozen=True, slots=True)
class Row:
    """One line of the table."""

    figure: str
    """What was measured."""
    ours: str
    """Cygnet's value."""
    peer: str
    """The peer's value, or a dash."""
    target: str
    """What we want to reach, or a dash."""
    second_peer: str = "-"
    """That of another peer, where there are two."""


def monitor_rows(runs: list[Run]) -> list[Row]:
    """Give the lines about watching a job."""

    def row(figure: str, value: Callable[[Run, Run], float | None], target: str) -> Row:
        ours, peer = (spread(compare(runs, arm, value)) for arm in ARMS)
        return Row(figure, ours, peer, target)

    return [
        row("processor time, ratio to unwatched", cpu_ratio, "≤ 1.10"),
        row("wall time, ratio to unwatched", wall_ratio, "-"),
        row("kernel's own processor time, s", lambda run, _: run.kernel_s, "-"),
        row("to the page, KB/s", lambda run, _: run.size / run.wall_s / 1000, "≤ 20"),
        row(
            "to the page, messages/s", lambda run, _: run.messages / run.wall_s, "≤ 12"
        ),
        row("first news after the start, s", lambda run, _: run.first_s, "≤ 0.3"),
        row("final state after the end, s", lambda run, _: run.final_s, "≤ 0.3"),
        row("backlog after the end, s", lambda run, _: run.backlog_s, "-"),
        row("backlog, messages", lambda run, _: run.backlog_messages, "-"),
    ]


def start_rows(pairs: list[Pair]) -> list[Row]:
    """Give the line about the start of a kernel."""
    added = [it.with_s - it.without_s for it in pairs]
    return [Row("kernel start, added, s", spread(added), "-", "≤ 0.15")]


def first_bar_rows(seconds: list[float]) -> list[Row]:
    """Give the line about a newcomer's first minutes."""
    return [Row("`make up` to the first bar, s", spread(seconds), "-", "reported")]


def cluster_rows(measured: list[Waits]) -> list[Row]:
    """Give the lines about the service on Kubernetes."""
    return [
        row
        for it in measured
        for row in (
            Row("click to JupyterLab, p95, s", tail(it.labs_s), "-", "≤ 10"),
            Row("click to a kernel's answer, p95, s", tail(it.kernels_s), "-", "-"),
            Row("job to first executor, s", first(it.executors_s), "-", "reported"),
            Row("job to last executor, s", last(it.executors_s), "-", "reported"),
            *(
                Row(f"image {name}, MB", f"{size:.0f}", "-", "reported")
                for name, size in sorted(it.image_mb.items())
            ),
            Row("memory of the hub, MB", f"{it.hub_mb:.0f}", "-", "reported"),
        )
    ]


def share_rows(measured: list[Measured]) -> list[Row]:
    """Give the lines about sharing folders."""

    def row(figure: str, target: str, *values: list[float]) -> Row:
        ours, git, rsync = (spread(it) for it in (*values, [], [])[:3])
        return Row(figure, ours, git, target, rsync)

    return [
        each
        for it in measured
        for each in (
            Row("save to the other's file, p95, s", tail(it.pairs_s), "-", "≤ 5"),
            row("save to the last of all mirrors, s", "≤ 3", it.mirrors_s),
            row("one changed file of many, s", "≤ 0.2", *it.change_s),
            row("large folder, s", "≤ 20", *it.large_s),
            row("the same with one changed byte, s", "-", *it.byte_s),
            row("viewer, a new notebook, s", "≤ 1", it.viewer_s),
            row(
                "following a folder at rest, % of a processor",
                "≤ 2",
                [100 * it.scan],
            ),
            Row("memory of the service, MB", f"{it.service_mb:.0f}", "-", "≤ 250"),
        )
    ]


def first(sessions: list[list[float]]) -> str:
    """Write when a job had its first executor, at once where one was there before."""
    return spread([max(0.0, min(it)) for it in sessions if it])


def last(sessions: list[list[float]]) -> str:
    """Write when a job had all of its executors."""
    return spread([max(it) for it in sessions if it])


def tail(values: list[float]) -> str:
    """Write the 95th percentile with the range."""
    low, high = min(values), max(values)
    return f"{percentile(values, 0.95):.1f} ({low:.1f} to {high:.1f})"


def cpu_ratio(run: Run, unwatched: Run) -> float:
    """Compare processor time with the unwatched run of the round."""
    return run.cpu_s / unwatched.cpu_s


def wall_ratio(run: Run, unwatched: Run) -> float:
    """Compare wall time with the unwatched run of the round."""
    return run.wall_s / unwatched.wall_s


def compare(
    runs: list[Run], arm: str, value: Callable[[Run, Run], float | None]
) -> list[float]:
    """Give ``value`` of each of the arm's runs and the unwatched one beside it."""
    ours = [it for it in runs if it.arm == arm]
    unwatched = {it.round: it for it in ours if not it.is_watched}
    values = (value(it, unwatched[it.round]) for it in ours if it.is_watched)
    return [it for it in values if it is not None]


def spread(values: list[float]) -> str:
    """Write the median with the range, or a dash where nothing was measured."""
    if not values:
        return "-"
    is_count = all(float(it).is_integer() for it in values)
    digits = 0 if is_count or median(values) >= LARGE else 2
    low, mid, high = (
        f"{it:.{digits}f}" for it in (min(values), median(values), max(values))
    )
    return f"{mid} ({low} to {high})" if len(values) > 1 else mid


def table(rows: Iterable[Row], arms: tuple[str, ...]) -> str:
    """Write the rows as a Markdown table, aligned for the terminal too."""
    lines = [["figure", *arms, "target"]]
    for it in rows:
        values = (it.ours, it.peer, it.second_peer)[: len(arms)]
        lines.append([it.figure, *values, it.target])
    widths = [max(map(len, column)) for column in zip(*lines, strict=True)]
    lines.insert(1, ["-" * it for it in widths])
    return "\n".join(
        f"| {' | '.join(map(str.ljust, line, widths))} |" for line in lines
    )


def section(name: str, record: Mapping[str, Any], rows: Iterable[Row]) -> str:
    """Write what was measured in one part, with when and where."""
    facts = "; ".join(f"{key}: {value}" for key, value in record["machine"].items())
    place = f"**Where.** {facts}."
    extent = f"**How much.** {record['extent']}; {record['at'][:10]}."
    about = SECTIONS[name]
    parts = [f"## {about.title}", about.how, place, extent, table(rows, about.arms)]
    return "\n\n".join(parts)


def document(page: str, measured: Mapping[str, str]) -> str:
    """Write the page of benchmarks; what was not measured stays as the page has it."""
    _, *kept = re.split(r"^(?=## )", page, flags=re.MULTILINE)
    known = {it.removeprefix("## ").partition("\n")[0]: it.strip() for it in kept}
    parts = (measured.get(it) or known.get(SECTIONS[it].title) for it in SECTIONS)
    return "\n\n".join([INTRODUCTION.strip(), *filter(None, parts)]) + "\n"
