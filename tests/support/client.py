"""How tests ask over HTTP: with certificates that are read once.

Each new client of httpx reads the machine's certificates, which takes longer than
most answers. Connections are not kept: the hubs of the tests are killed and restarted.
"""

import ssl

import httpx

from tests.support.waiting import SLOW_S

CERTIFICATES = ssl.create_default_context()
NONE_KEPT = httpx.Limits(max_keepalive_connections=0)


def client(base_url: str = "") -> httpx.Client:
    """Return a browser without scripts, which its user closes."""
    return httpx.Client(
        base_url=base_url, follow_redirects=True, timeout=SLOW_S, verify=CERTIFICATES
    )


_SHARED = httpx.Client(timeout=SLOW_S, verify=CERTIFICATES, limits=NONE_KEPT)


def ask(
    method: str,
    url: str,
    *,
    token: str = "",
    json: object = None,
    data: dict[str, str] | None = None,
) -> httpx.Response:
    """Send one request without cookies, with a token where one is given."""
    headers = {"Authorization": f"token {token}"} if token else {}
    answer = _SHARED.request(method, url, headers=headers, json=json, data=data)
    _SHARED.cookies.clear()
    return answer
