from pathlib import Path

import pytest
from cryptography.hazmat.primitives.serialization import pkcs12

from spark_connector import trust_store as module
from spark_connector.environment import read_environment
from spark_connector.java_trust import own_list
from spark_connector.resolve import resolve
from spark_connector.trust_store import TrustStore, join, trust_store
from tests.support.authority import make_authority
from tests.support.connector import bundle, environment, place

KEY = "spark.driver.defaultJavaOptions"


def test_store_holds_the_authorities_and_is_built_once(tmp_path: Path) -> None:
    pem = make_authority(tmp_path).certificate
    found = trust_store(pem, tmp_path / "cache")
    before = Path(found.path).stat()

    again = trust_store(pem, tmp_path / "cache")

    assert again == found
    assert Path(found.path).stat() == before
    assert before.st_mode & 0o077 == 0
    stored = pkcs12.load_pkcs12(Path(found.path).read_bytes(), None)
    assert len(stored.additional_certs) == 1


def test_store_holds_the_list_of_java_too(tmp_path: Path) -> None:
    own, more = (make_authority(tmp_path / it).certificate for it in ("own", "more"))
    java = java_with(tmp_path, cacerts=own)
    found = trust_store(more, tmp_path, lambda: own_list(str(java), tmp_path))

    assert found.notice == ""
    stored = pkcs12.load_pkcs12(Path(found.path).read_bytes(), None)
    assert len(stored.additional_certs) == 2
    # The list was read once; where it changes, it is read again.
    (java / "bin" / "java").write_text("#!/bin/sh\nexit 1\n")
    assert trust_store(more, tmp_path, lambda: own_list(str(java), tmp_path)) == found
    java = java_with(tmp_path, jssecacerts=make_authority(tmp_path).certificate)
    assert trust_store(more, tmp_path, lambda: own_list(str(java), tmp_path)) != found


def test_list_of_java_that_cannot_be_read_is_reported(tmp_path: Path) -> None:
    pem = make_authority(tmp_path).certificate
    java = java_with(tmp_path, cacerts=pem)
    (java / "bin" / "java").write_text("#!/bin/sh\nexit 1\n")

    found = trust_store(pem, tmp_path, lambda: own_list(str(java), tmp_path))

    assert "those of this machine only" in found.notice
    assert found.path == trust_store(pem, tmp_path).path
    # Where there is no list, nothing is missing.
    (java / "lib/security/cacerts").unlink()
    assert trust_store(pem, tmp_path, lambda: own_list(str(java), tmp_path)) == (
        TrustStore(found.path)
    )


def java_with(directory: Path, **lists: Path) -> Path:
    """Give a Java whose lists are PEM, and whose program prints one."""
    java = directory / "java"
    for folder in ("lib/security", "bin"):
        (java / folder).mkdir(parents=True, exist_ok=True)
    for name, certificate in lists.items():
        (java / "lib/security" / name).write_bytes(certificate.read_bytes())
    (java / "release").write_text('JAVA_VERSION="25"\n')
    program = java / "bin" / "java"
    # The last word of its command is the file.
    program.write_text('#!/bin/sh\nfor last do :; done\ncat "$last"\n')
    program.chmod(0o700)
    return java


def test_bad_certificate_hides_no_other(tmp_path: Path) -> None:
    pem = make_authority(tmp_path).certificate
    bad = "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n"
    pem.write_text(bad + pem.read_text())

    stored = Path(trust_store(pem, tmp_path).path).read_bytes()

    assert len(pkcs12.load_pkcs12(stored, None).additional_certs) == 1


def test_other_content_is_another_store(tmp_path: Path) -> None:
    stores = {
        trust_store(make_authority(tmp_path / name).certificate, tmp_path).path
        for name in ("one", "two")
    }

    assert len(stores) == 2


def test_machine_without_authorities_leaves_java_its_own(tmp_path: Path) -> None:
    assert trust_store(None, tmp_path) == TrustStore()
    assert TrustStore().java_options == ""


@pytest.mark.parametrize("content", [None, "", "not a certificate"])
def test_file_that_cannot_be_read_is_reported(
    tmp_path: Path, content: str | None
) -> None:
    path = tmp_path / "authorities.pem"
    if content is not None:
        path.write_text(content)

    found = trust_store(path, tmp_path / "cache")

    assert found.path == ""
    assert str(path) in found.notice


def test_cache_that_cannot_be_written_is_reported(tmp_path: Path) -> None:
    authority = make_authority(tmp_path).certificate
    cache = tmp_path / "cache"
    cache.write_text("a file in its place")

    found = trust_store(authority, cache)

    assert found.path == ""
    assert f"cannot be written to {cache}" in found.notice
    assert str(authority) not in found.notice


def test_variable_names_the_authorities(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SSL_CERT_FILE", str(tmp_path / "gone.pem"))

    assert str(tmp_path / "gone.pem") in read_environment().trust_store().notice


def test_store_is_named_to_java_next_to_the_options_of_others() -> None:
    around = environment(trust_store=lambda: TrustStore("/cache/a b.p12", "Told."))
    tuning = bundle("tuning", **{KEY: "-Da=1"})

    result = resolve([tuning], place(), {}, around)

    assert result.value(KEY) == (
        "-Da=1 '-Djavax.net.ssl.trustStore=/cache/a b.p12' "
        "-Djavax.net.ssl.trustStoreType=PKCS12"
    )
    assert "Told." in result.notices


def test_authorities_of_the_site_join_those_of_the_machine(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    own, more = (make_authority(tmp_path / it).certificate for it in ("own", "more"))
    monkeypatch.setattr(module, "_PLACES", (str(own),))
    joined = tmp_path / "joined.pem"

    # A container that starts again finds what the first start left.
    for _ in range(2):
        join(more, joined)

    assert own.read_text().strip() in joined.read_text()
    assert more.read_text().strip() in joined.read_text()
    stored = pkcs12.load_pkcs12((tmp_path / "joined.p12").read_bytes(), None)
    assert len(stored.additional_certs) == 2
    with pytest.raises(OSError, match="none"):
        join(tmp_path / "none", joined)
