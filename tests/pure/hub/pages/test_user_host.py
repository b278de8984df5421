import re

import pytest
from cygnet_hub.pages.user_host import is_below, name_host

DOMAIN = "cygnet.example.org"
LABEL = r"[a-z0-9]([-a-z0-9]{0,61}[a-z0-9])?"
NAMES = [
    *("Alice", "alice.b", "alice@example.org", "a_b", "-a", "a-", "a--b", "xn--a"),
    *("u-alice--0", "ä", "日本", "", ".", "a/b", "*", "a" * 64, "ab.c", "a\nb"),
]


@pytest.mark.parametrize("name", ["alice", "a", "1", "a-b", "a" * 63])
def test_name_that_is_a_label_stays(name: str) -> None:
    assert name_host(name, DOMAIN, "user") == f"{name}.{DOMAIN}"


@pytest.mark.parametrize("name", NAMES)
def test_every_name_gets_one_label(name: str) -> None:
    label, _, rest = name_host(name, DOMAIN, "user").partition(".")

    assert rest == DOMAIN
    assert re.fullmatch(LABEL, label)
    assert label != name
    # What begins with two characters and two dashes is an encoded name.
    assert label[2:4] != "--"


def test_no_two_names_share_a_host() -> None:
    alike = ["alice", "Alice", "alice.", "a.lice", "al_ice", "alice@"]
    hosts = {name_host(it, DOMAIN, "user") for it in alike + NAMES}
    hosts.add(name_host("alice", DOMAIN, "service"))

    assert len(hosts) == len({*alike, *NAMES}) + 1
    # One that calls itself as another's host is called.
    (label, *_) = name_host("alice.b", DOMAIN, "user").split(".")
    assert name_host(label, DOMAIN, "user") not in hosts


@pytest.mark.parametrize(
    ("host", "found"),
    [
        ("alice.cygnet.example.org", True),
        ("ALICE.Cygnet.example.org.", True),
        ("cygnet.example.org", False),
        ("acygnet.example.org", False),
        ("10.0.0.1", False),
        ("", False),
    ],
)
def test_hosts_of_persons_are_known(host: str, found: bool) -> None:  # noqa: FBT001 - a table.
    assert is_below(host, DOMAIN) is found
