"""Sends something to Java's thread behind each Python thread, before its commands.

In py4j's pinned thread mode, pyspark's default, each Python thread has a Java thread
and a connection to it. The connection keeps what was sent.
"""

from __future__ import annotations

import contextlib
import functools
import threading
from typing import TYPE_CHECKING, Any

from py4j.clientserver import ClientServer
from py4j.protocol import Py4JError

from spark_monitor.patch import Patch

if TYPE_CHECKING:
    from collections.abc import Callable


class Preface:
    """What Java's threads have to know before the commands of Python's threads.

    Parameters
    ----------
    gateway
        py4j's. In its other thread mode, Java's threads are shared, and nothing
        is sent.
    name
        Of the note on a connection, which no other preface of this gateway has.
    wanted
        Returns what Java's thread behind the calling one has to know; None for nothing.
    say
        Takes what is wanted and sends it. Threads in which Java calls Python back
        are left alone.
    around
        Entered for each command, with what is sent before it.
    forgotten_at
        A word of commands after which Java's thread has forgotten what was sent;
        empty where it never does.
    """

    def __init__(  # noqa: PLR0913 - all of it is said once, at the start.
        self,
        gateway: Any,  # noqa: ANN401 - py4j has no types.
        name: str,
        wanted: Callable[[], object],
        say: Callable[[Any], None],
        *,
        around: Callable[[], contextlib.AbstractContextManager[object]] = (
            contextlib.nullcontext
        ),
        forgotten_at: str = "",
    ) -> None:
        self._name = name
        self._wanted = wanted
        self._say = say
        self._around = around
        self._forgotten_at = forgotten_at
        self._busy = threading.local()
        self._is_over = False
        self._patch: Patch | None = None
        if isinstance(gateway, ClientServer):
            # A gateway answers every other name with an object of Java.
            self._client: Any = vars(gateway)["_gateway_client"]
            self._patch = Patch(self._client, "send_command", self._prefacing)

    @property
    def is_said(self) -> bool:
        """Whether anything can be sent to Java's threads."""
        return self._patch is not None

    @property
    def connection(self) -> Any:  # noqa: ANN401 - py4j has no types.
        """That of the calling thread; None before its first command, and in the end."""
        return self._client.get_thread_connection()

    def close(self) -> None:
        """Say nothing any more."""
        self._is_over = True
        if self._patch is not None:
            self._patch.undo()

    def _prefacing(self, send_command: Callable[..., Any]) -> Callable[..., Any]:
        @functools.wraps(send_command)
        def wrapper(command: str, *args: object, **kwargs: object) -> object:
            if self._is_over:
                return send_command(command, *args, **kwargs)
            with self._around():
                self._say_what_is_new()
                answer = send_command(command, *args, **kwargs)
                if self._forgotten_at and self._forgotten_at in command:
                    self._note(None)
            return answer

        return wrapper

    def _say_what_is_new(self) -> None:
        # To say it takes commands, too.
        if getattr(self._busy, "is_busy", False):
            return
        connection = self.connection
        if connection is not None and not connection.initiated_from_client:
            # Java called us, in a thread of its own.
            return
        noted = None if connection is None else vars(connection).get(self._name)
        wanted = self._wanted()
        if noted == wanted:
            return
        self._busy.is_busy = True
        try:
            self._say(wanted)
            self._note(wanted)
        except (Py4JError, OSError, AttributeError):
            # The caller's own command will say better what is wrong.
            return
        finally:
            self._busy.is_busy = False

    def _note(self, told: object) -> None:
        connection = self.connection
        # There is none once the JVM is gone, or when a stopped context was left alone.
        if connection is not None:
            setattr(connection, self._name, told)
