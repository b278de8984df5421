"""A certificate authority of the tests, and a server with a certificate of it."""

import datetime as dt
import ssl
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import ClassVar

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID
from typing_extensions import override


@dataclass(frozen=True, slots=True)
class Authority:
    """Files of PEM: who signs, and what a server on `localhost` needs."""

    certificate: Path
    server: Path


def make_authority(folder: Path) -> Authority:
    """Make an authority and a certificate of it for `localhost`."""
    folder.mkdir(parents=True, exist_ok=True)
    signer, server = (ec.generate_private_key(ec.SECP256R1()) for _ in range(2))
    root = _builder("Authority of the tests", "Authority of the tests", signer)
    root = root.add_extension(x509.BasicConstraints(True, None), critical=True)  # noqa: FBT003 - its own signature.
    leaf = _builder("localhost", "Authority of the tests", server)
    names = x509.SubjectAlternativeName([x509.DNSName("localhost")])
    leaf = leaf.add_extension(names, critical=False)
    found = Authority(folder / "authority.pem", folder / "server.pem")
    for path, builder in ((found.certificate, root), (found.server, leaf)):
        signed = builder.sign(signer, hashes.SHA256())
        path.write_bytes(signed.public_bytes(serialization.Encoding.PEM))
    with found.server.open("ab") as file:
        file.write(
            server.private_bytes(
                serialization.Encoding.PEM,
                serialization.PrivateFormat.PKCS8,
                serialization.NoEncryption(),
            )
        )
    return found


@contextmanager
def https_server(authority: Authority, text: str = "hello") -> Iterator[int]:
    """Answer every request on a port of loopback with the same text."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(authority.server)
    answer = type("Answer", (_Answer,), {"body": text.encode()})
    with ThreadingHTTPServer(("127.0.0.1", 0), answer) as server:
        server.socket = context.wrap_socket(server.socket, server_side=True)
        thread = threading.Thread(target=server.serve_forever, daemon=True)
        thread.start()
        try:
            yield server.server_port
        finally:
            server.shutdown()
            thread.join()


class _Answer(BaseHTTPRequestHandler):
    body: ClassVar[bytes]

    def do_GET(self) -> None:
        self.send_response(200)
        self.send_header("Content-Length", str(len(self.body)))
        self.end_headers()
        self.wfile.write(self.body)

    @override
    def log_message(self, *_: object) -> None:
        pass


def _builder(
    subject: str, issuer: str, key: ec.EllipticCurvePrivateKey
) -> x509.CertificateBuilder:
    def name(text: str) -> x509.Name:
        return x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, text)])

    now = dt.datetime.now(dt.UTC)
    day = dt.timedelta(days=1)
    return (
        x509.CertificateBuilder()
        .subject_name(name(subject))
        .issuer_name(name(issuer))
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - day)
        .not_valid_after(now + day)
    )
