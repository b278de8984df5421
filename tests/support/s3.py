"""An S3 server (SeaweedFS, of PyPI) with an empty bucket, and what to reach it with."""

import json
import subprocess
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import httpx

from tests.support.port import free_ports
from tests.support.waiting import until

KEY = "key-of-the-tests"
SECRET = "secret-of-the-tests"  # noqa: S105 - Of a server that lives as long as a test.


@dataclass(frozen=True, slots=True)
class Bucket:
    """A bucket of a server."""

    url: str
    """As the service's settings take it."""
    variables: Mapping[str, str]
    """What the service's environment has for it."""
    process: subprocess.Popen[bytes]


@contextmanager
def bucket(place: Path, program: str) -> Iterator[Bucket]:
    """Start a server in a directory, and end it."""
    master, volume, filer, s3, *others = free_ports(8)
    actions = ["Admin", "Read", "Write", "List"]
    credentials = [{"accessKey": KEY, "secretKey": SECRET}]
    identity = {"name": "tests", "credentials": credentials, "actions": actions}
    (place / "s3.json").write_text(json.dumps({"identities": [identity]}))
    options = {
        "dir": place,
        "ip": "127.0.0.1",
        "master.port": master,
        "master.port.grpc": others[0],
        "master.volumeSizeLimitMB": 64,
        "volume.port": volume,
        "volume.port.grpc": others[1],
        "volume.max": 8,
        "filer.port": filer,
        "filer.port.grpc": others[2],
        "s3.port": s3,
        "s3.port.grpc": others[3],
        "s3.config": place / "s3.json",
    }
    command = [program, "server", "-s3", *(f"-{k}={v}" for k, v in options.items())]
    with (place / "log").open("wb") as log:
        process = subprocess.Popen(command, stdout=log, stderr=log, cwd=place)
    try:
        made = f"http://127.0.0.1:{filer}/buckets/shares/"
        until(lambda: _is_made(made), "the S3 server has a bucket")
        variables = {
            "AWS_ACCESS_KEY_ID": KEY,
            "AWS_SECRET_ACCESS_KEY": SECRET,
            "AWS_REGION": "us-east-1",
            "AWS_ENDPOINT_URL": f"http://127.0.0.1:{s3}",
            "AWS_ALLOW_HTTP": "true",
        }
        until(lambda: _answers(variables["AWS_ENDPOINT_URL"]), "the S3 server answers")
        yield Bucket("s3://shares/of/cygnet", variables, process)
    finally:
        # It ignores SIGTERM.
        process.kill()
        process.wait()


def _is_made(url: str) -> bool:
    """Make a bucket, which is a folder of the server's."""
    try:
        return httpx.post(url).is_success
    except httpx.TransportError:
        return False


def _answers(url: str) -> bool:
    """Whether the S3 server takes calls."""
    try:
        return httpx.get(url).status_code < 500
    except httpx.TransportError:
        return False
