import json
from importlib.metadata import Distribution, PathDistribution
from pathlib import Path

import pytest
from cygnet_hub.local import requirement


def installed(place: Path, direct_url: object = None) -> Distribution:
    folder = place / "cygnet-1.2.dist-info"
    folder.mkdir(parents=True)
    (folder / "METADATA").write_text(
        "Metadata-Version: 2.1\nName: cygnet\nVersion: 1.2\nRequires-Dist: pydantic\n"
    )
    if direct_url is not None:
        (folder / "direct_url.json").write_text(json.dumps(direct_url))
    return PathDistribution(folder)


@pytest.mark.parametrize(
    ("direct_url", "arguments"),
    [
        (None, ("cygnet[spark]==1.2",)),
        (
            {"url": "file:///a%20b/c", "dir_info": {"editable": True}},
            ("--editable", "/a b/c[spark]"),
        ),
        (
            {"url": "file:///src", "dir_info": {}},
            ("cygnet[spark] @ file:///src",),
        ),
        (
            {"url": "file:///dist/cygnet-1.2-py3-none-any.whl", "archive_info": {}},
            ("cygnet[spark] @ file:///dist/cygnet-1.2-py3-none-any.whl",),
        ),
        (
            {
                "url": "https://example.org/cygnet.git",
                "vcs_info": {"vcs": "git", "commit_id": "abc"},
            },
            ("cygnet[spark] @ git+https://example.org/cygnet.git@abc",),
        ),
    ],
)
def test_distribution_is_installed_again_from_where_it_came(
    tmp_path: Path, direct_url: object, arguments: tuple[str, ...]
) -> None:
    found = requirement.source(installed(tmp_path, direct_url), extra="spark")

    assert found.arguments == arguments


def test_fingerprint_changes_with_the_origin(tmp_path: Path) -> None:
    urls = [None, {"url": "file:///a", "archive_info": {"hash": "1"}}]
    urls += [{"url": "file:///a", "archive_info": {"hash": "2"}}]

    found = {
        requirement.source(installed(tmp_path / str(i), url), "spark").fingerprint
        for i, url in enumerate(urls)
    }

    assert len(found) == 3
