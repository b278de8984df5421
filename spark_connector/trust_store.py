"""The certificate authorities of this machine, in a file that Java reads.

Java has a list of its own and reads no PEM file, so a site's authority that Python and
`curl` trust is unknown to it. The file has both, and is built once for each content.
"""

import hashlib
import logging
import re
import shlex
import sys
import warnings
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from spark_connector.java_trust import OwnList
from spark_connector.properties import write_private_bytes

# Where Debian, Red Hat, SUSE and Alpine have them.
_PLACES = (
    "/etc/ssl/certs/ca-certificates.crt",
    "/etc/pki/tls/certs/ca-bundle.crt",
    "/etc/ssl/ca-bundle.pem",
    "/etc/ssl/cert.pem",
)
_CERTIFICATE = re.compile(
    rb"-----BEGIN CERTIFICATE-----.+?-----END CERTIFICATE-----", re.DOTALL
)
_ONLY_THE_MACHINES = (
    "The certificate authorities that Java trusts by itself cannot be read, so it "
    "trusts those of this machine only."
)
_logger = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class TrustStore:
    """What Java is to trust; Java's own list where there is no path."""

    path: str = ""
    """A file in the format PKCS #12."""

    notice: str = ""
    """Why one or all are missing in it, one sentence; else empty."""

    @property
    def java_options(self) -> str:
        """The options that name it to Java, or empty."""
        if not self.path:
            return ""
        named = shlex.quote(f"-Djavax.net.ssl.trustStore={self.path}")
        return f"{named} -Djavax.net.ssl.trustStoreType=PKCS12"


def find_authorities(named: str) -> Path | None:
    """Return the file of this machine's certificate authorities, or SSL_CERT_FILE's.

    None where Java's own list is right.
    """
    if named:
        return Path(named)
    return next((Path(it) for it in _PLACES if Path(it).is_file()), None)


def trust_store(
    authorities: Path | None,
    cache: Path,
    find_own: Callable[[], OwnList | None] = lambda: None,
) -> TrustStore:
    """Return the authorities of a PEM file and of Java's own list, as Java reads them.

    The result goes into the user's cache: the same file for the same content.
    """
    if authorities is None:
        return TrustStore()
    try:
        pem = authorities.read_bytes()
    except OSError as error:
        return _unread(authorities, error)
    own, notice, more = None, "", b""
    try:
        own = find_own()
        path = _place(cache, pem + (own.content if own else b""))
        more = own.as_pem() if own and not path.is_file() else b""
    except OSError as error:
        _logger.info("list of java not read reason=%s", error)
        notice = _ONLY_THE_MACHINES
        path = _place(cache, pem)
    try:
        data = b"" if path.is_file() else _as_pkcs12(b"\n".join([pem, more]))
    except ValueError as error:
        return _unread(authorities, error)
    try:
        if data:
            path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
            write_private_bytes(path, data)
    except OSError as error:
        _logger.info("authorities not kept path=%s reason=%s", path, error)
        return _not_there(f"cannot be written to {path.parent} ({error.strerror})")
    return TrustStore(str(path), notice)


def join(more: Path, joined: Path) -> None:
    """Write the authorities of this machine and others, for programs and for Java.

    All of them go to `joined` (PEM), and as Java reads them next to it, with the suffix
    ``.p12``. Raises OSError for a file that cannot be read or written, and ValueError
    if there is no certificate at all.
    """
    own = find_authorities("")
    parts = [it.read_bytes() for it in (own, more) if it is not None]
    pem = b"\n".join(parts)
    write_private_bytes(joined.with_suffix(".p12"), _as_pkcs12(pem))
    write_private_bytes(joined, pem)


def _place(cache: Path, content: bytes) -> Path:
    return cache / "trust" / f"{hashlib.sha256(content).hexdigest()[:24]}.p12"


def _unread(authorities: Path, error: Exception) -> TrustStore:
    _logger.info("authorities not read path=%s reason=%s", authorities, error)
    return _not_there(f"in {authorities} cannot be read")


def _not_there(why: str) -> TrustStore:
    return TrustStore(
        notice=f"The certificate authorities {why}, so Java trusts those of its own "
        "list only."
    )


def _as_pkcs12(pem: bytes) -> bytes:
    # It takes a while to import, and is needed once for each content.
    from cryptography import x509  # noqa: PLC0415
    from cryptography.hazmat.primitives.serialization import (  # noqa: PLC0415
        NoEncryption,
        pkcs12,
    )

    certificates: dict[x509.Certificate, None] = {}
    with warnings.catch_warnings():
        # Lists of authorities have old ones that are not quite as they should be. One
        # that cannot be read is not trusted, and no reason against the others.
        warnings.simplefilter("ignore")
        for block in _CERTIFICATE.findall(pem):
            with suppress(ValueError):
                certificates[x509.load_pem_x509_certificate(block)] = None
    if not certificates:
        message = "no certificate"
        raise ValueError(message)
    named = [
        pkcs12.PKCS12Certificate(certificate, f"{number:04}".encode())
        for number, certificate in enumerate(certificates)
    ]
    return pkcs12.serialize_java_truststore(named, NoEncryption())


if __name__ == "__main__":
    try:
        join(*map(Path, sys.argv[1:]))
    except (OSError, ValueError) as error:
        sys.exit(f"cygnet: the site's authorities are not trusted: {error}")
