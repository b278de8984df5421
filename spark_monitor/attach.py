"""Notices Spark contexts and loads our classes into their JVM.

The only module of this package that knows pyspark. It never imports it: until the
notebook does, there is nothing to notice. The classes are those of `listener/`.
"""

from __future__ import annotations

import contextlib
import functools
import signal
import sys
import threading
from pathlib import Path
from typing import TYPE_CHECKING, Any

from spark_monitor.errors import ForeignClassError, ListenerMissingError
from spark_monitor.import_hook import ImportHook
from spark_monitor.patch import Patch

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from types import ModuleType

    from py4j.java_gateway import JavaObject
    from pyspark import SparkContext

    from spark_monitor.cells import CellRun

JAR = Path(__file__).parent / "jars" / "cygnet-listener.jar"
CELL_PROPERTY = "cygnet.cell"
EXECUTION_PROPERTY = "cygnet.execution"
INTERRUPTS_PROPERTY = "cygnet.interrupts"
_PLUGIN_FILE = "org/apache/spark/cygnet/SettingsPlugin.class"
_CONTEXT_MODULE = "pyspark.core.context"


def watch_contexts(
    on_context: Callable[[SparkContext], None],
    on_stopped: Callable[[SparkContext], None] | None = None,
) -> Callable[[], None]:
    """Call a function with each Spark context that this process has or makes.

    Parameters
    ----------
    on_context
        Called at once with a context that already runs, then with each new one, in
        the thread that made it and before that thread goes on.
    on_stopped
        Called with a context after its `stop`, in the thread that stopped it, while
        its JVM may still run.

    Returns
    -------
    Callable
        Ends the watch.

    Notes
    -----
    A session of Spark Connect has no context here and is never seen.
    """
    watch = _ContextWatch(on_context, on_stopped)
    return watch.close


def write_mark(context: SparkContext, run: CellRun | None) -> None:
    """Mark the JVM thread behind the calling one with its cell, or unmark it.

    A context that was stopped meanwhile is left alone.

    Notes
    -----
    Local properties belong to the JVM thread behind the calling one, so this is for
    py4j's pinned thread mode only, which is pyspark's default.
    """
    java_context = context._jsc  # noqa: SLF001
    if java_context is None:
        return
    java_context.setLocalProperty(CELL_PROPERTY, run.cell_id if run else None)
    java_context.setLocalProperty(EXECUTION_PROPERTY, run.execution_id if run else None)
    interrupts = str(run.interrupts) if run and run.interrupts else None
    java_context.setLocalProperty(INTERRUPTS_PROPERTY, interrupts)


def load_class(context: SparkContext, name: str) -> JavaObject:
    """Make an instance of one of our classes in the JVM of a running context.

    The context's configuration plays no part. The class has a constructor without
    parameters. Raises ListenerMissingError when the jar was not built, and
    ForeignClassError when the JVM gives another class of this name.

    Notes
    -----
    py4j caches methods by the name of their class, so a second class loader would make
    objects that it cannot call. There is one for each JVM, and it stays with the
    gateway, which lives as long as the JVM does; so do the classes, whose origin is
    checked only once.
    """
    gateway: Any = context._gateway  # noqa: SLF001
    classes = vars(gateway).setdefault("cygnet_classes", {})
    if name not in classes:
        classes[name] = _load(gateway, context, name)
    return classes[name].newInstance()


def _load(gateway: Any, context: SparkContext, name: str) -> Any:  # noqa: ANN401 - objects of Java.
    loader = vars(gateway).get("cygnet_loader")
    if loader is None:
        if not JAR.is_file():
            raise ListenerMissingError(JAR)
        loader = _loader(gateway, context)
        gateway.cygnet_loader = loader
    loaded = loader.loadClass(name)
    if not _is_ours(gateway, loaded):
        raise ForeignClassError(name)
    return loaded


def _loader(gateway: Any, context: SparkContext) -> Any:  # noqa: ANN401 - objects of Java.
    """Return the loader of our classes.

    Where the JVM was started with our jar, its plugin and the rest are one. Else ours
    come first: a class of the same name from elsewhere must not count.
    """
    parent = context._jsc.sc().getClass().getClassLoader()  # noqa: SLF001
    ours = _jar_url(gateway)
    found = parent.getResource(_PLUGIN_FILE)
    if (
        found is not None
        and found.toString() == f"jar:{ours.toString()}!/{_PLUGIN_FILE}"
    ):
        return parent
    urls = gateway.new_array(gateway.jvm.java.net.URL, 1)
    urls[0] = ours
    return gateway.jvm.org.apache.spark.util.ChildFirstURLClassLoader(urls, parent)


def _jar_url(gateway: Any) -> Any:  # noqa: ANN401 - objects of Java.
    return gateway.jvm.java.io.File(str(JAR)).toURI().toURL()


def _is_ours(gateway: Any, loaded: Any) -> bool:  # noqa: ANN401 - objects of Java.
    source = loaded.getProtectionDomain().getCodeSource()
    ours = _jar_url(gateway).toString()
    return source is not None and bool(source.getLocation().toString() == ours)


class _ContextWatch:
    def __init__(
        self,
        on_context: Callable[[SparkContext], None],
        on_stopped: Callable[[SparkContext], None] | None,
    ) -> None:
        self._on_context = on_context
        self._on_stopped = on_stopped
        self._patches: list[Patch] = []
        # A wrapper that was wrapped again stays, and must be silent.
        self._is_closed = False
        self._hook = ImportHook(_CONTEXT_MODULE, self._imported)

    def close(self) -> None:
        self._is_closed = True
        self._hook.remove()
        for patch in reversed(self._patches):
            patch.undo()
        self._patches.clear()

    def _imported(self, module: ModuleType) -> None:
        self._patches = [
            Patch(module.SparkContext, "__init__", self._announcing_init),
            Patch(module.SparkContext, "stop", self._announcing_stop),
        ]
        existing = _active_context()
        if existing is not None:
            self._on_context(existing)

    def _announcing_init(self, init: Callable[..., None]) -> Callable[..., None]:
        @functools.wraps(init)
        def wrapper(context: SparkContext, *args: object, **kwargs: object) -> None:
            with _sigint_kept():
                init(context, *args, **kwargs)
            if not self._is_closed:
                self._on_context(context)

        return wrapper

    def _announcing_stop(self, stop: Callable[..., None]) -> Callable[..., None]:
        @functools.wraps(stop)
        def wrapper(context: SparkContext) -> None:
            stop(context)
            if self._on_stopped is not None and not self._is_closed:
                self._on_stopped(context)

        return wrapper


@contextlib.contextmanager
def _sigint_kept() -> Iterator[None]:
    # pyspark (4.3) sets a handler that cancels all jobs, also those of other cells.
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    handler = signal.getsignal(signal.SIGINT)
    try:
        yield
    finally:
        signal.signal(signal.SIGINT, handler)


def _active_context() -> SparkContext | None:
    module = sys.modules.get(_CONTEXT_MODULE)
    if module is None:
        return None
    context: SparkContext | None = module.SparkContext._active_spark_context  # noqa: SLF001
    # A context that is being made is active before it has a JVM side.
    return context if getattr(context, "_jsc", None) is not None else None
