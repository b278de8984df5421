import inspect
from types import ModuleType

import pyspark.core.broadcast
import pyspark.core.context
import pytest

from spark_connector.correction import Corrections, has_lines

MODULES = (pyspark.core.broadcast, pyspark.core.context)


class Fixed:
    """A broadcast variable of a pyspark without the fault."""

    def __init__(self) -> None:
        self._value = 1

    @property
    def value(self) -> int:
        """Its value."""
        return self._value


def places() -> list[object]:
    names = [vars(it)["local_connect_and_auth"] for it in MODULES]
    return [*names, inspect.getattr_static(pyspark.core.broadcast.Broadcast, "value")]


def test_corrections_come_and_go() -> None:
    before = places()

    corrections = Corrections()

    assert not {*map(id, before)} & {*map(id, places())}
    corrections.remove()
    assert places() == before


def test_call_without_the_fault_is_left_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pyspark.core.broadcast, "Broadcast", Fixed)

    corrections = Corrections()

    assert isinstance(inspect.getattr_static(Fixed, "value"), property)
    assert Fixed().value == 1
    assert Fixed.value.fget.__module__ == __name__  # type: ignore[attr-defined]
    corrections.remove()


def test_lines_are_found_one_behind_another() -> None:
    assert has_lines(places, "names = [", "return [*names")
    assert not has_lines(places, "return [*names", "names = [")
    assert not has_lines(places, "def places", "return [*names")
    assert not has_lines(len, "def len")
    assert not has_lines(ModuleType("none").__repr__, "anything")
