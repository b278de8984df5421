"""Corrects calls of pyspark (4.3) that hang or differ where Spark encrypts its storage.

Each correction names the upstream issue, concerns the driver alone, and is applied only
where the source of the call still has the fault.
"""

import functools
import inspect
from collections.abc import Callable
from pickle import PickleBuffer
from types import ModuleType
from typing import Any

from spark_monitor.import_hook import ImportHook
from spark_monitor.patch import Patch


class Corrections:
    """The corrections, each from the import of its module on."""

    def __init__(self) -> None:
        self._patches: list[Patch] = []
        self._hooks = [
            ImportHook("pyspark.serializers", self._correct_chunks),
            ImportHook("pyspark.core.broadcast", self._correct_broadcast),
            ImportHook("pyspark.core.context", self._correct_upload),
        ]

    def remove(self) -> None:
        """Leave pyspark as it was."""
        for hook in self._hooks:
            hook.remove()
        for patch in reversed(self._patches):
            patch.undo()
        self._patches.clear()

    def _correct_chunks(self, module: ModuleType) -> None:
        # Since apache/spark#15670 (SPARK-18161), and unreported: what pickle hands over
        # of arrays, data frames and Arrow tables (PEP 574) has no length.
        if has_lines(module.ChunkedStream.write, "byte_remaining = len(bytes)"):
            self._wrap(module.ChunkedStream, "write", _taking_buffers)

    def _correct_broadcast(self, module: ModuleType) -> None:
        # apache/spark#23166 (SPARK-26201, since 2.4.1): the value is read only after
        # Java has sent all of it, which it cannot beyond what the connection buffers.
        # It is also read again each time, so that changes to it are lost.
        value = module.Broadcast.value.fget
        if has_lines(
            value,
            "self._python_broadcast.waitTillBroadcastDataSent()",
            "return self.load(",
        ):
            connect = module.local_connect_and_auth
            self._wrap(module.Broadcast, "value", lambda _: _reading(value, connect))
        if has_lines(module.Broadcast.__init__, "local_connect_and_auth("):
            self._wrap(module, "local_connect_and_auth", _patient)

    def _correct_upload(self, module: ModuleType) -> None:
        # As SPARK-18281 did for results: Java may be busy for longer than the fifteen
        # seconds that pyspark gives to the connection, e.g. with its garbage.
        call = module.SparkContext._serialize_to_jvm  # noqa: SLF001 - pyspark's own.
        if has_lines(call, "local_connect_and_auth("):
            self._wrap(module, "local_connect_and_auth", _patient)

    def _wrap(self, owner: object, name: str, wrap: Callable[[Any], Any]) -> None:
        self._patches.append(Patch(owner, name, wrap))


def has_lines(function: Callable[..., Any], *lines: str) -> bool:
    """Return whether a function's source has lines that begin so, one behind another.

    False also where there is no source.
    """
    try:
        source = [it.strip() for it in inspect.getsource(function).splitlines()]
    except (OSError, TypeError):
        return False
    return any(
        all(it.find(line) >= 0 for it, line in zip(source[at:], lines, strict=False))
        for at in range(len(source) - len(lines) + 1)
    )


def _taking_buffers(write: Callable[..., Any]) -> Callable[..., Any]:
    @functools.wraps(write)
    def wrapper(stream: object, data: object) -> object:
        return write(stream, data.raw() if isinstance(data, PickleBuffer) else data)

    return wrapper


def _patient(connect: Callable[..., Any]) -> Callable[..., Any]:
    @functools.wraps(connect)
    def wrapper(*args: object, **kwargs: object) -> object:
        stream, sock = connect(*args, **kwargs)
        sock.settimeout(None)
        return stream, sock

    return wrapper


def _reading(value: Callable[..., Any], connect: Callable[..., Any]) -> property:
    @functools.wraps(value)
    def wrapper(shared: Any) -> object:  # noqa: ANN401 - pyspark's broadcast variable.
        is_ours = shared._sc is not None and shared._sc._encryption_enabled  # noqa: SLF001 - no public way.
        if is_ours and not hasattr(shared, "_value"):
            shared._value = _read(shared, _patient(connect))  # noqa: SLF001
        return value(shared)

    return property(wrapper)


def _read(shared: Any, connect: Callable[..., Any]) -> object:  # noqa: ANN401 - pyspark's.
    java = shared._python_broadcast  # noqa: SLF001 - pyspark has no public way.
    stream, sock = connect(*java.setupDecryptionServer())
    try:
        value: object = shared.load(stream)
    except EOFError:
        # Java has sent less than it should, and says why.
        java.waitTillBroadcastDataSent()
        raise
    finally:
        stream.close()
        sock.close()
    java.waitTillBroadcastDataSent()
    return value
