"""Times as people read them on a page without a script, which knows no time zone."""

from datetime import UTC, datetime

from markupsafe import Markup


def words(time: datetime) -> str:
    """Write a time, e.g. `28 November 2026, 10:41 UTC`."""
    there = time.astimezone(UTC)
    return f"{there.day} {there:%B %Y, %H:%M} UTC"


def markup(time: datetime) -> Markup:
    """Write a time so that programs read it too."""
    there = time.astimezone(UTC).isoformat(timespec="seconds")
    return Markup('<time datetime="{}">{}</time>').format(there, words(time))
