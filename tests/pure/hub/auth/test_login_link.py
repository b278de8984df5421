import stat
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from pathlib import Path

import pytest
from cygnet_hub.auth import login_link


def test_link_is_good_once(tmp_path: Path) -> None:
    token = login_link.issue(tmp_path / "login-links")

    assert login_link.consume(tmp_path / "login-links", token)
    assert not login_link.consume(tmp_path / "login-links", token)


def test_only_one_of_many_spends_a_link(tmp_path: Path) -> None:
    token = login_link.issue(tmp_path / "login-links")

    with ThreadPoolExecutor(8) as pool:
        spent = list(
            pool.map(
                lambda _: login_link.consume(tmp_path / "login-links", token), range(64)
            )
        )

    assert spent.count(True) == 1


def test_links_do_not_spend_each_other(tmp_path: Path) -> None:
    first, second = (
        login_link.issue(tmp_path / "login-links"),
        login_link.issue(tmp_path / "login-links"),
    )

    assert first != second
    assert login_link.consume(tmp_path / "login-links", second)
    assert login_link.consume(tmp_path / "login-links", first)


@pytest.mark.parametrize("token", ["", "..", "../settings.json", "a/b", "\0", "\udcff"])
def test_unknown_token_is_refused_and_touches_nothing(
    tmp_path: Path, token: str
) -> None:
    login_link.issue(tmp_path / "login-links")
    (tmp_path / "settings.json").touch()

    assert not login_link.consume(tmp_path / "login-links", token)

    assert (tmp_path / "settings.json").exists()
    assert len(list((tmp_path / "login-links").iterdir())) == 1


def test_expired_link_is_refused_and_removed(tmp_path: Path) -> None:
    token = login_link.issue(tmp_path / "login-links", timedelta(seconds=-1))

    assert not login_link.consume(tmp_path / "login-links", token)
    assert list((tmp_path / "login-links").iterdir()) == []


def test_next_link_sweeps_expired_ones(tmp_path: Path) -> None:
    for _ in range(3):
        login_link.issue(tmp_path / "login-links", timedelta(seconds=-1))

    login_link.issue(tmp_path / "login-links")

    assert len(list((tmp_path / "login-links").iterdir())) == 1


def test_damaged_link_is_refused(tmp_path: Path) -> None:
    token = login_link.issue(tmp_path / "login-links")
    (link,) = (tmp_path / "login-links").iterdir()
    link.write_text("soon")

    assert not login_link.consume(tmp_path / "login-links", token)


def test_token_is_stored_nowhere(tmp_path: Path) -> None:
    token = login_link.issue(tmp_path / "login-links")
    (link,) = (tmp_path / "login-links").iterdir()

    assert token not in link.name
    assert token not in link.read_text()
    assert stat.S_IMODE(link.stat().st_mode) == 0o600
    assert stat.S_IMODE(link.parent.stat().st_mode) == 0o700


def test_tunnel_leads_to_the_same_port() -> None:
    usual = login_link.tunnel(8000, "ada", "10.0.0.2", 22)
    other = login_link.tunnel(8000, "ada", "10.0.0.2", 2222)

    assert usual == "ssh -N -L 8000:127.0.0.1:8000 ada@10.0.0.2"
    assert other == "ssh -N -p 2222 -L 8000:127.0.0.1:8000 ada@10.0.0.2"
