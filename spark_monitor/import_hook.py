"""Calls an action once a module is imported, without importing it."""

from __future__ import annotations

import importlib.util
import sys
from importlib.abc import Loader, MetaPathFinder
from typing import TYPE_CHECKING

from typing_extensions import override

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from importlib.machinery import ModuleSpec
    from types import ModuleType


class ImportHook(MetaPathFinder):
    """Calls an action with a module: now if it is imported, else when it is.

    Parameters
    ----------
    name
        The module's full name.
    action
        Called once, in the importing thread, after the module has been executed.
    """

    def __init__(self, name: str, action: Callable[[ModuleType], None]) -> None:
        self._name = name
        self._action = action
        self._is_searching = False
        module = sys.modules.get(name)
        if module is None:
            sys.meta_path.insert(0, self)
        else:
            action(module)

    def remove(self) -> None:
        """Forget the action if it has not been called yet."""
        if self in sys.meta_path:
            sys.meta_path.remove(self)

    @override
    def find_spec(
        self,
        fullname: str,
        path: Sequence[str] | None,
        target: ModuleType | None = None,
    ) -> ModuleSpec | None:
        """Find the module as everybody else would, and watch its execution."""
        if fullname != self._name or self._is_searching:
            return None
        self._is_searching = True
        try:
            spec = importlib.util.find_spec(fullname)
        finally:
            self._is_searching = False
        if spec is not None and spec.loader is not None:
            spec.loader = _Announcing(spec.loader, self._announce)
        return spec

    def _announce(self, module: ModuleType) -> None:
        self.remove()
        self._action(module)


class _Announcing(Loader):
    # Stands in for the real loader until the module is executed.

    def __init__(self, real: Loader, announce: Callable[[ModuleType], None]) -> None:
        self._real = real
        self._announce = announce

    @override
    def create_module(self, spec: ModuleSpec) -> ModuleType | None:
        return self._real.create_module(spec)

    @override
    def exec_module(self, module: ModuleType) -> None:
        module.__loader__ = self._real
        if module.__spec__ is not None:
            module.__spec__.loader = self._real
        self._real.exec_module(module)
        self._announce(module)

    def __getattr__(self, name: str) -> object:
        value: object = getattr(self._real, name)
        return value
