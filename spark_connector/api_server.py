"""Asks the Kubernetes API with the pod's own token."""

import http.client
import json
import ssl
import urllib.request
from collections.abc import Mapping
from pathlib import Path
from typing import Any
from urllib.parse import quote

from spark_connector.pod import TOKEN_DIRECTORY, Pod

_SECONDS = 5
_MOST = 100


def list_executors(
    pod: Pod, application: str, directory: Path = Path(TOKEN_DIRECTORY)
) -> list[Mapping[str, Any]]:
    """Return an application's executor pods, as the API describes them: at most 100.

    The token is read again each time, because Kubernetes renews it. None are returned
    when the API does not answer.
    """
    selector = quote(f"spark-app-selector={application},spark-role=executor")
    path = f"/api/v1/namespaces/{pod.namespace}/pods?labelSelector={selector}"
    try:
        token = (directory / "token").read_text(encoding="ascii").strip()
        request = urllib.request.Request(  # noqa: S310 - https, from the pod's variables.
            f"{pod.api}{path}&limit={_MOST}",
            headers={"Authorization": f"Bearer {token}"},
        )
        context = ssl.create_default_context(cafile=str(directory / "ca.crt"))
        # The API is inside the cluster, whatever proxy leads out of it.
        opener = urllib.request.build_opener(
            urllib.request.ProxyHandler({}),
            urllib.request.HTTPSHandler(context=context),
        )
        with opener.open(request, timeout=_SECONDS) as answer:
            items: list[Mapping[str, Any]] = json.load(answer)["items"]
    except (OSError, ValueError, LookupError, TypeError, http.client.HTTPException):
        return []
    return items
