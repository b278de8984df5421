"""The headers of each page that shows something of another person's.

They hold also where the renderer errs, on the service's own origin, and where the
address is opened directly: nothing runs, nothing is loaded, nothing is sent.
"""

from collections.abc import Mapping
from types import MappingProxyType
from typing import Final

_POLICY = (
    "sandbox",
    "default-src 'none'",
    # Pictures and styles stand in the page itself.
    "img-src data:",
    "style-src 'unsafe-inline'",
    "font-src data:",
    "form-action 'none'",
    "base-uri 'none'",
    "frame-ancestors 'self'",
)

HEADERS: Final[Mapping[str, str]] = MappingProxyType(
    {
        "Content-Security-Policy": "; ".join(_POLICY),
        "Content-Type": "text/html; charset=utf-8",
        "X-Content-Type-Options": "nosniff",
        "Referrer-Policy": "no-referrer",
        "Cross-Origin-Resource-Policy": "same-origin",
        "Cross-Origin-Opener-Policy": "same-origin",
        # The names of linked hosts are not looked up before a click.
        "X-DNS-Prefetch-Control": "off",
        # A right may end; and a shared browser keeps nothing.
        "Cache-Control": "private, no-store",
    }
)
"""Every header of a page, by name; the page has no script, so none is allowed."""
