"""Whether the service answers, for Kubernetes: it asks neither hub nor store."""

from tornado.web import RequestHandler
from typing_extensions import override


class Health(RequestHandler):
    """`GET health`: that this process works."""

    @override
    def get(self) -> None:
        """Answer at once."""
        self.finish({"status": "ok"})


def routes(prefix: str) -> list[tuple[str, type[RequestHandler], dict[str, object]]]:
    """Give the call by its path.

    Parameters
    ----------
    prefix
        Where the proxy has the service, with a slash at its end.
    """
    return [(f"{prefix}health", Health, {})]
