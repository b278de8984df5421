from pathlib import Path

from cygnet_hub.data_directory import DataDirectory


def test_names_are_those_that_an_older_version_left() -> None:
    data = DataDirectory(Path("/data"))
    named = [it for it, kind in vars(DataDirectory).items() if type(kind) is property]

    # An upgrade finds its files by them: a new name leaves the old file behind.
    assert {it: str(getattr(data, it).relative_to("/data")) for it in named} == {
        "settings": "settings.json",
        "record": "service.json",
        "lock": "lock",
        "database": "hub.sqlite",
        "cookie_secret": "cookie_secret",
        "login_links": "login-links",
        "hub_log": "logs/hub.log",
        "server_log": "logs/server.log",
        "share": "share",
        "share_settings": "share.json",
        "share_log": "logs/share.log",
        "proxy": "proxy",
        "kernels": "kernels/python",
        "jupyter": "jupyter",
        "lab": "lab",
        "runtime": "runtime",
        "rescue": "rescue",
    }
    assert str(data) == "/data"
