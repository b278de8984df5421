"""Checks what the values bring along: certificates, bundles, addresses, Secrets.

No content of a Secret and no address of a database ever stands in a flaw.
"""

import binascii
import re
import warnings
from collections.abc import Collection, Iterator
from pathlib import Path, PurePath

from cryptography import x509
from sqlalchemy.engine import make_url
from sqlalchemy.exc import ArgumentError

from cygnet_hub.kubernetes.chart_values import Values
from cygnet_hub.kubernetes.values_file import Flaw, Place
from spark_connector.bundle import parse_bundle
from spark_connector.catalog import SHIPPED
from spark_connector.errors import RefusedError
from spark_connector.swan import parse_swan

_DATABASE = "write postgresql+psycopg2://user:password@host/name"
_DRIVERS = {"postgresql", "postgresql+psycopg2"}
_BUNDLE_KINDS = {".yaml", ".yml", ".json"}
_MOST_BYTES = 900_000
_HEX = 64
_KEY_BYTES = 32


def texts(values: Values) -> Iterator[Flaw]:
    """Check what stands in the values themselves."""
    if values.extra_ca:
        yield from _authorities(values.extra_ca)
    names = [it.stem for it in SHIPPED.iterdir()]
    for name, text in values.config.bundles.items():
        yield from _bundle(name, text, names)
        names.append(PurePath(name).stem)
    if sum(map(len, values.config.bundles.values())) > _MOST_BYTES:
        reason = "are together too large for a ConfigMap"
        yield Flaw(("config", "bundles"), reason, "put fewer or shorter ones there")
    urls = {
        "databaseUrl": values.secrets.database_url,
        "shareDatabaseUrl": values.secrets.share_database_url,
    }
    for name, url in urls.items():
        if url:
            yield from _database(url, ("secrets", name))


def mounted(values: Values, directory: Path) -> Iterator[Flaw]:
    """Check the Secrets that the values name.

    Parameters
    ----------
    directory
        Where the chart mounts what is there of them: `existing`, `given`, `pull`.

    Yields
    ------
    Flaw
        For each that is missing, lacks a key, or holds what the hub cannot use.
    """
    secrets = values.secrets
    sources = {
        "oidcClientSecretFrom": (secrets.oidc_client_secret_from, "oidc-client-secret"),
        "databaseUrlFrom": (secrets.database_url_from, "database-url"),
        "shareDatabaseUrlFrom": (
            secrets.share_database_url_from,
            "share-database-url",
        ),
    }
    for value, (source, file) in sources.items():
        if not source.name:
            continue
        place: Place = ("secrets", value)
        text = _text(directory / "given" / file)
        if text is None:
            reason = f"there is no Secret {source.name} with the key {source.key}"
            yield Flaw(place, reason, _create(source.name, source.key))
        elif not text:
            reason = f"the key {source.key} of the Secret {source.name} is empty"
            yield Flaw(place, reason, "put the secret there")
        elif value != "oidcClientSecretFrom":
            yield from _database(text, place)
    if secrets.existing:
        yield from _keys(values, directory / "existing")
    for index, name in enumerate(values.image.pull_secrets):
        if not any((directory / "pull" / name).glob(".docker*")):
            reason = f"there is no Secret {name} with credentials of a registry"
            remedy = f"make it with `kubectl create secret docker-registry {name}`"
            yield Flaw(("image", "pullSecrets", index), reason, remedy)


def _authorities(text: str) -> Iterator[Flaw]:
    """Check certificates of authorities."""
    place: Place = ("extraCa",)
    if "-----BEGIN" not in text:
        reason = "has no certificate; a path is not read"
        remedy = "write `extraCa: |` and below it, indented, the file's text"
        yield Flaw(place, reason, remedy)
        return
    if "PRIVATE KEY-----" in text:
        reason = "has a private key, and every user can read what is there"
        yield Flaw(place, reason, "leave only the certificates, and replace that key")
    try:
        with warnings.catch_warnings(action="ignore"):
            x509.load_pem_x509_certificates(text.encode())
    except ValueError:
        reason = "has a certificate that cannot be read"
        yield Flaw(place, reason, "copy the PEM text again, each line of it indented")


def _bundle(name: str, text: str, names: Collection[str]) -> Iterator[Flaw]:
    """Check one bundle, by the code of the sessions that read it."""
    place: Place = ("config", "bundles", name)
    suffix = PurePath(name).suffix.lower()
    if not re.fullmatch(r"[-A-Za-z0-9_.]+", name) or suffix not in _BUNDLE_KINDS:
        reason = "is not a name for a bundle's file"
        yield Flaw(place, reason, "use letters, digits, dashes, and .yaml at the end")
        return
    if PurePath(name).stem in names:
        reason = f"there is a bundle {PurePath(name).stem} already, which counts"
        yield Flaw(place, reason, "choose another name")
    try:
        if suffix == ".json":
            parse_swan(text, name)
        else:
            parse_bundle(text, name)
    except RefusedError as error:
        for it in error.problems:
            about = f"{it.place}: {it.key}" if it.key else it.place
            reason = f"{about}: {it.reason.rstrip('.')}"
            yield Flaw(place, reason, it.remedy.rstrip(".") or "correct it")


def _database(text: str, place: Place) -> Iterator[Flaw]:
    """Check an address that has a password in it, and is never shown."""
    try:
        url = make_url(text)
    except (ArgumentError, ValueError):
        yield Flaw(place, "is not the address of a database", _DATABASE)
        return
    if url.drivername not in _DRIVERS:
        reason = f"the hub has nothing that speaks to {url.drivername}"
        yield Flaw(place, reason, _DATABASE)
    elif not url.database or not (url.host or url.query.get("host")):
        lacking = "host" if url.database else "database"
        yield Flaw(place, f"names no {lacking}", _DATABASE)


def _keys(values: Values, folder: Path) -> Iterator[Flaw]:
    """Check the Secret that replaces the generated one."""
    name, place = values.secrets.existing, ("secrets", "existing")
    keys = ["cookie-secret", "crypt-key", "proxy-token", "api-token"]
    keys += ["share-token"] if values.sharing.enabled else []
    found = {it: _text(folder / it) for it in keys}
    lacking = [it for it, text in found.items() if not text]
    if lacking:
        what = "all of them" if len(lacking) == len(keys) else ", ".join(lacking)
        reason = f"the Secret {name} is not there or lacks keys: {what}"
        yield Flaw(place, reason, "make it: docs/administering/operate.md#upgrade")
    cookie, crypt = found["cookie-secret"], found["crypt-key"]
    if cookie and not re.fullmatch(rf"([0-9A-Fa-f]{{2}}){{{_KEY_BYTES},}}", cookie):
        reason = f"the key cookie-secret of {name} is not hexadecimal digits"
        yield Flaw(place, reason, "make it with `openssl rand -hex 32`")
    if crypt and values.config.oidc and not all(map(_is_key, crypt.split(";"))):
        reason = f"the key crypt-key of {name} is not a key of 32 bytes"
        yield Flaw(place, reason, "make it with `openssl rand -hex 32`")


def _is_key(text: str) -> bool:
    """Return whether JupyterHub takes a key: as 64 hexadecimal digits, or base64."""
    try:
        decode = binascii.a2b_hex if len(text) == _HEX else binascii.a2b_base64
        return len(decode(text)) == _KEY_BYTES
    except ValueError:
        return False


def _create(name: str, key: str) -> str:
    """Write how a Secret is made."""
    return f"make it with `kubectl create secret generic {name} --from-file={key}=FILE`"


def _text(file: Path) -> str | None:
    """Read a mounted key."""
    try:
        return file.read_text(encoding="utf-8").strip()
    except FileNotFoundError:
        return None
    except UnicodeDecodeError:
        return ""
