"""Checks what the hub of a release needs, with a remedy for each fault.

Runs inside the hub's pod, with what the hub's account may do. Nothing is changed; each
check stands for itself, so that one fault does not hide another.
"""

import asyncio
import shutil
import socket
from collections.abc import Callable, Iterator
from pathlib import Path
from urllib.parse import urlsplit

from sqlalchemy import create_engine, text
from sqlalchemy.engine import make_url
from sqlalchemy.exc import SQLAlchemyError

from cygnet_hub.auth.errors import LoginError
from cygnet_hub.auth.provider import Provider
from cygnet_hub.data_directory import DataDirectory
from cygnet_hub.kubernetes import preflight_probe, quantity
from cygnet_hub.kubernetes.settings import (
    DATA,
    SECRETS,
    KubernetesSettings,
    secret,
)
from cygnet_hub.service import release_api
from cygnet_hub.service.doctor import ROOM_TO_RUN, Finding
from cygnet_hub.service.rest import Answer

KEYS = ("cookie-secret", "crypt-key", "proxy-token", "api-token")
"""What the Secret of every release has."""
SHARE_KEY = "share-token"
"""What it has for the sharing service."""
_PATIENCE_SECONDS = 5
_API = "Kubernetes API"


def examine(
    chosen: KubernetesSettings, secrets: Path = SECRETS, data: DataDirectory = DATA
) -> list[Finding]:
    """Check everything, in the order in which the hub needs it."""
    release = chosen.release
    settings = f"read, of the release {release.name} ({release.version})"
    checks: tuple[Callable[[], Iterator[Finding]], ...] = (
        lambda: _keys(chosen, secrets),
        lambda: _database(secrets, data),
        lambda: _hub(chosen, secrets),
        lambda: _proxy(chosen, secrets),
        lambda: _cluster(chosen),
        lambda: _provider(chosen, secrets),
        lambda: _registries(chosen),
    )
    found = [Finding("Settings", settings)]
    return [*found, *(it for check in checks for it in check())]


def registry(image: str) -> str:
    """Return the host name in an image's name.

    It is empty where none is named, or only what a node has itself:
    https://github.com/distribution/reference/blob/main/normalize.go
    """
    first, sign, _ = image.partition("/")
    is_host = bool(sign) and ("." in first or ":" in first)
    return urlsplit(f"//{first}").hostname or "" if is_host else ""


def _keys(chosen: KubernetesSettings, secrets: Path) -> Iterator[Finding]:
    """Check that the Secret has what the hub needs."""
    needed = (*KEYS, SHARE_KEY) if chosen.release.share_url else KEYS
    missing = [it for it in needed if not secret(it, secrets)]
    if not missing:
        yield Finding("Secret", "has its keys")
        return
    remedy = "run `helm upgrade` with the values, or add them to secrets.existing"
    yield Finding("Secret", f"lacks {', '.join(missing)}", remedy)


def _database(secrets: Path, data: DataDirectory) -> Iterator[Finding]:
    """Check that the database answers, and has room."""
    given = secret("database-url", secrets)
    try:
        # Read alone: the hub may be writing, and a new file would be empty.
        file = f"sqlite:///file:{data.database}?mode=ro&uri=true"
        url = make_url(given or file)
        name = "connect_timeout" if given else "timeout"
        engine = create_engine(url, connect_args={name: _PATIENCE_SECONDS})
        if is_postgresql := url.get_backend_name() == "postgresql":
            from cygnet_hub.pages import postgresql  # noqa: PLC0415 - It needs libpq.

            # A name server and a connection that have gone silent are waited for too.
            postgresql.configure()
        with engine.connect() as connection:
            if is_postgresql:
                held = connection.connection.dbapi_connection
                postgresql.limit(held, _PATIENCE_SECONDS)
            connection.execute(text("select count(*) from users"))
        engine.dispose()
    except (SQLAlchemyError, ImportError) as error:
        # The first line; the address, which has a password, is not in it.
        said = str(getattr(error, "orig", None) or type(error).__name__)
        place = "secrets.databaseUrl, and the server it names" if given else str(data)
        reason = f"does not answer ({said.strip().splitlines()[0]})"
        yield Finding("Database", reason, f"look at {place}")
    else:
        yield Finding("Database", f"{url.get_backend_name()} answers")
    if given:
        return
    free = shutil.disk_usage(data.path).free
    remedy = "" if free >= ROOM_TO_RUN else "enlarge the claim of hub.storage"
    words = quantity.memory_words(free)
    yield Finding("Volume of the database", f"{words} free", remedy)


def _hub(chosen: KubernetesSettings, secrets: Path) -> Iterator[Finding]:
    """Check that the hub answers here."""
    answer = release_api.health(chosen.release)
    remedy = "" if answer.is_good else "read the hub's log"
    yield Finding("Hub", "answers" if answer.is_good else answer.problem, remedy)
    if answer.is_good:
        found = release_api.servers(chosen.release, secret("api-token", secrets) or "")
        if isinstance(found, Answer):
            yield Finding("Hub's API", found.problem, "read the hub's log")


def _proxy(chosen: KubernetesSettings, secrets: Path) -> Iterator[Finding]:
    """Check that the proxy takes orders from here."""
    token = secret("proxy-token", secrets) or ""
    answer = release_api.routes(chosen.release, token)
    if answer.is_good:
        yield Finding("Proxy", f"answers, with {len(answer.content or ())} routes")
        return
    name = f"{chosen.release.name}-proxy"
    remedy = f"look at the log of deployment/{name} and at its NetworkPolicy"
    yield Finding("Proxy", answer.problem, remedy)


def _cluster(chosen: KubernetesSettings) -> Iterator[Finding]:
    """Ask what the preflight asks with the hub's account."""
    try:
        items = preflight_probe.cluster(chosen)
    except (OSError, ValueError) as error:
        remedy = "look at networkPolicy.hubEgress and at the token of the hub's account"
        yield Finding(_API, f"does not answer ({error})", remedy)
        return
    yield Finding(_API, "answers")
    for it in items:
        remedy = "" if it.is_good else it.consequence.rstrip(".")
        note = f". {it.consequence.rstrip('.')}" if it.is_note else ""
        yield Finding(it.name, f"{it.fact}{note}", remedy)


def _provider(chosen: KubernetesSettings, secrets: Path) -> Iterator[Finding]:
    """Check that the identity provider says where users log in."""
    if (oidc := chosen.oidc) is None:
        yield Finding("Identity provider", f"none; links for {chosen.owner}")
        return
    given = secret("oidc-client-secret", secrets) or ""
    authorities = chosen.release.extra_ca

    async def discover() -> None:
        await Provider(oidc, given, authorities).endpoints()

    try:
        asyncio.run(discover())
    except LoginError as error:
        said = f"{oidc.issuer}: {error.detail or error.reason}"
        remedy = "look at config.oidc.issuer, extraCa and networkPolicy.hubEgress"
        yield Finding("Identity provider", said, remedy)
    else:
        yield Finding("Identity provider", f"{oidc.issuer} answers")


def _registries(chosen: KubernetesSettings) -> Iterator[Finding]:
    """Check that the names of registries exist, as far as this pod sees."""
    images = (chosen.release.user_image, *(it.image for it in chosen.images))
    for host in sorted({registry(it) for it in images} - {"", "localhost"}):
        subject = f"Registry {host}"
        try:
            socket.getaddrinfo(host, None)
        except (OSError, UnicodeError) as error:
            said = getattr(error, "strerror", None) or str(error)
            remedy = (
                "correct image.registry, image.user or config.images, unless the nodes "
                "know the name in another way"
            )
            yield Finding(subject, f"the name is not found here ({said})", remedy)
        else:
            yield Finding(subject, "the name is found")
