"""A session's settings as a table that people read: key, value, from where."""

from dataclasses import dataclass
from html import escape

from typing_extensions import override

from spark_connector.resolve import Resolved


@dataclass(frozen=True, slots=True)
class Explanation:
    """What `explain()` returns: rich in a notebook, plain elsewhere."""

    resolved: Resolved
    """The settings; their values are shown except where a key sounds secret."""

    @override
    def __repr__(self) -> str:
        """Return the table as text."""
        rows = [(s.key, s.shown, s.origin) for s in self.resolved.settings]
        head = ("key", "value", "from")
        widths = [
            min(60, max(len(row[column]) for row in [head, *rows]))
            for column in range(len(head))
        ]
        lines = [
            "  ".join(
                cell.ljust(width) for cell, width in zip(row, widths, strict=True)
            ).rstrip()
            for row in [head, *rows]
        ]
        return "\n".join([self._title(), *lines, *self.resolved.notices])

    def _repr_html_(self) -> str:
        """Return the table for a notebook; every text is escaped."""
        rows = "".join(
            f"<tr><td><code>{escape(s.key)}</code></td>"
            f"<td><code>{escape(s.shown)}</code></td><td>{escape(s.origin)}</td></tr>"
            for s in self.resolved.settings
        )
        notices = "".join(f"<p>{escape(text)}</p>" for text in self.resolved.notices)
        head = "<tr><th>key</th><th>value</th><th>from</th></tr>"
        title = escape(self._title())
        return (
            f"<table><caption>{title}</caption><thead>{head}</thead>"
            f"<tbody>{rows}</tbody></table>{notices}"
        )

    def _title(self) -> str:
        return f"A session with {', '.join(self.resolved.names)}"
