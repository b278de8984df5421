"""A user's server of the tests: it tells its environment, and answers its number."""

import json
import os
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from urllib.parse import urlsplit

from typing_extensions import override


class Handler(BaseHTTPRequestHandler):
    def do_GET(self) -> None:
        self.send_response(200)
        self.send_header("X-JupyterHub-Version", "6")
        self.end_headers()
        self.wfile.write(str(os.getpid()).encode())

    @override
    def log_message(self, format: str, *args: object) -> None:
        pass


def main() -> None:
    told = {"pid": os.getpid(), "environment": dict(os.environ)}
    Path(f"server-{os.environ['JUPYTERHUB_USER']}.json").write_text(json.dumps(told))
    port = urlsplit(os.environ["JUPYTERHUB_SERVICE_URL"]).port
    HTTPServer(("127.0.0.1", port or 0), Handler).serve_forever()


main()
