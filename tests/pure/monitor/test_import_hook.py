import importlib
import inspect
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from spark_monitor.import_hook import ImportHook

if TYPE_CHECKING:
    from types import ModuleType

NAME = "cygnet_test_arrival"


@pytest.fixture(autouse=True)
def module(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.syspath_prepend(tmp_path)
    monkeypatch.delitem(sys.modules, NAME, raising=False)
    path = tmp_path / f"{NAME}.py"
    path.write_text("answer = 42\n")
    return path


def test_action_sees_the_executed_module_once() -> None:
    seen: list[ModuleType] = []
    hook = ImportHook(NAME, seen.append)

    imported = importlib.import_module(NAME)
    importlib.import_module(NAME)

    assert [it.answer for it in seen] == [42]
    assert seen == [imported]
    assert hook not in sys.meta_path


def test_module_that_is_there_is_seen_at_once() -> None:
    imported = importlib.import_module(NAME)
    seen: list[ModuleType] = []

    ImportHook(NAME, seen.append)

    assert seen == [imported]


def test_module_looks_as_if_nobody_had_watched() -> None:
    ImportHook(NAME, lambda _: None)

    imported = importlib.import_module(NAME)

    assert type(imported.__loader__).__module__.startswith("_frozen_importlib")
    assert imported.__spec__ is not None
    assert imported.__spec__.loader is imported.__loader__
    assert inspect.getsource(imported) == "answer = 42\n"


def test_failed_import_fails_as_ever_and_is_watched_again(module: Path) -> None:
    seen: list[ModuleType] = []
    hook = ImportHook(NAME, seen.append)
    module.write_text("raise ValueError('broken')\n")
    with pytest.raises(ValueError, match="broken"):
        importlib.import_module(NAME)

    module.write_text("answer = 43  # repaired\n")
    importlib.invalidate_caches()
    importlib.import_module(NAME)

    assert [it.answer for it in seen] == [43]
    assert hook not in sys.meta_path


def test_removed_hook_sees_nothing() -> None:
    seen: list[ModuleType] = []
    hook = ImportHook(NAME, seen.append)
    hook.remove()
    hook.remove()

    importlib.import_module(NAME)

    assert seen == []


def test_missing_module_is_missing(module: Path) -> None:
    module.unlink()
    hook = ImportHook(NAME, lambda _: None)

    with pytest.raises(ModuleNotFoundError):
        importlib.import_module(NAME)

    hook.remove()
