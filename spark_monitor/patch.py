"""Replaces one attribute of an object that is not ours, and restores it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable


class Patch:
    """A replaced attribute.

    Parameters
    ----------
    owner
        A class or an object.
    name
        The attribute, which must exist, be it inherited.
    wrap
        Takes the old value and returns the new one.
    """

    def __init__(
        self,
        owner: object,
        name: str,
        wrap: Callable[[Callable[..., Any]], Callable[..., Any]],
    ) -> None:
        self._owner = owner
        self._name = name
        self._own = vars(owner).get(name)
        self._replacement = wrap(getattr(owner, name))
        setattr(owner, name, self._replacement)

    def undo(self) -> None:
        """Restore the old value.

        Where the attribute was replaced again meanwhile, nothing happens: taking that
        away would break its owner, and ours does no harm below it.
        """
        if vars(self._owner).get(self._name) is not self._replacement:
            return
        if self._own is None:
            delattr(self._owner, self._name)
        else:
            setattr(self._owner, self._name, self._own)
