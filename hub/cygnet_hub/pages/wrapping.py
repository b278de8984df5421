"""Changes a method of a host framework that has no setting for what is needed."""

import functools
from collections.abc import Callable
from typing import Any

_WRAPPER = "__cygnet_wrapper__"


def once(owner: type, name: str, wrapper: Callable[[Any], Any]) -> None:
    """Wrap a method, unless this wrapper is around it already.

    Parameters
    ----------
    wrapper
        Takes the method as it is, with the wrappers of others, and gives what replaces
        it.
    """
    original = getattr(owner, name)
    layer = original
    while layer is not None:
        if getattr(layer, _WRAPPER, None) is wrapper:
            return
        layer = getattr(layer, "__wrapped__", None)
    wrapped = functools.wraps(original)(wrapper(original))
    setattr(wrapped, _WRAPPER, wrapper)
    setattr(owner, name, wrapped)
