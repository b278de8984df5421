import random
import sys
from pathlib import Path
from types import SimpleNamespace

import pytest

from spark_connector.folder import _Folder
from spark_connector.hidden_module import hidden_modules, imported_modules


@pytest.mark.parametrize(
    ("source", "names"),
    [
        ("import yaml, os.path as p\nfrom json import loads", ("yaml", "os", "json")),
        ("def f():\n    from a.b import c\nimport a.d", ("a",)),
        ("from . import near\nfrom .near import it", ()),
        ("no python at all", ()),
        ("await import_later()", ()),
        ("import a\nwords = '\\d'", ("a",)),
        ("-" * 100_000 + "1", ()),
        ("", ()),
    ],
)
def test_imported_modules_are_found(source: str, names: tuple[str, ...]) -> None:
    assert imported_modules(source) == names


def test_hidden_module_is_named_with_what_hides_it(tmp_path: Path) -> None:
    for name in ("random", "math", "never"):
        (tmp_path / f"{name}.py").touch()
    (tmp_path / "json").mkdir()
    (tmp_path / "json" / "__init__.py").touch()
    (tmp_path / "pathlib").mkdir()

    found = hidden_modules(
        ("random", "json", "math", "never", "pathlib", "os"), tmp_path, sys.modules
    )

    assert [it.name for it in found] == ["random", "json", "math"]
    assert found[0].text == (
        f"'random' is the installed module ({random.__file__}), not random.py next "
        "to this notebook. Rename your own."
    )
    assert "not json next to" in found[1].text


def test_module_that_was_imported_from_the_folder_is_not_hidden() -> None:
    folder = Path(random.__file__).parent

    assert hidden_modules(("random", "json"), folder, sys.modules) == []


def test_folder_that_is_gone_or_closed_hides_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    watch = _Folder(None)
    ran = SimpleNamespace(info=SimpleNamespace(transformed_cell="import random"))
    gone = tmp_path / "gone"
    gone.mkdir()
    monkeypatch.chdir(gone)
    gone.rmdir()

    watch.report(ran)

    # A name that is too long cannot be looked at, as a folder without permission.
    assert hidden_modules(("a" * 300, "random"), tmp_path, sys.modules) == []
    assert capsys.readouterr().err == ""
