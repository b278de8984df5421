"""The end of a run: what each lane came to, and the verdict on all of them."""

from collections.abc import Iterable, Sequence

from scripts import durations
from scripts.lanes.course import Course, Verdict
from scripts.lanes.request import Part

SHOWN = 10
"""How many failures the summary has."""
FAULTS = {Verdict.FAILED, Verdict.ENDED}


def exit_code(parts: Sequence[Part], courses: Sequence[Course]) -> int:
    """Return the exit code of a run.

    It is 0 when every lane passed, or had no test that the options select while another
    had one.
    """
    verdicts = [it.verdict for it in courses]
    is_whole = len(courses) == len(parts)
    has_passed = Verdict.PASSED in verdicts and not FAULTS.intersection(verdicts)
    return 0 if is_whole and has_passed else 1


def text(courses: Iterable[Course]) -> str:
    """Write the summary.

    It has a row for each lane, a line for each failure as the end of a long log may be
    all that is kept of it, then the closing lines of the lanes' tools.
    """
    courses = list(courses)
    lines = ["", "== summary", f"{'lane':8} {'verdict':8} {'seconds':>8} {'CPU':>6}"]
    for it in courses:
        share = f"{it.processor_share:.0%}"
        lines.append(
            f"{it.name:8} {it.verdict:8} {it.child.seconds:8.1f} {share:>6}".rstrip()
        )
    failed = [line for it in courses for line in it.failed()]
    lines += failed[:SHOWN]
    if len(failed) > SHOWN:
        lines.append(f"and {len(failed) - SHOWN} more failed")
    for it in courses:
        lines += [f"{it.name:8} {line}" for line in it.closing()]
    return "\n".join(lines)


def record(courses: Iterable[Course]) -> list[str]:
    """Add the times of complete lanes to the log of durations.

    A lane with a failed, skipped or deselected test is left out: its time is not that
    of the lane. A sentence is returned for each lane that took longer than it usually
    does.
    """
    complaints = []
    for it in filter(lambda it: it.is_complete, courses):
        seconds = round(it.child.seconds, 1)
        complaints.append(durations.slowness(it.name, seconds))
        files = {file: round(s, 2) for file, s in it.reports.seconds.items()}
        run = durations.Run(machine=durations.machine(), seconds=seconds, files=files)
        durations.add(it.name, run)
    return [it for it in complaints if it]
