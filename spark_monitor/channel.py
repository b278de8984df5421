"""A channel between the kernel and every page that shows its notebook.

It is a comm that the kernel owns, with a constant id, so that a page that was reloaded
receives the next message without asking. The messages are those of
docs/reference/wire.md.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import comm
import zmq
from comm.base_comm import BaseComm
from ipykernel.kernelbase import Kernel
from typing_extensions import override

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping


class Channel:
    """A kernel-owned comm with a fixed id that any thread may publish on.

    Where no kernel runs (a script, a terminal) the channel exists and is silent.

    Parameters
    ----------
    comm_id
        The comm's id and target name, the same in every kernel.
    on_message
        Called with the data of each message from a page, on the thread of the
        subshell that the page chose, also while a cell runs. What it raises is
        logged by the kernel and answered with nothing.

    Notes
    -----
    Making a second channel with the same id replaces the first, so
    ``%reload_ext`` leaves one.
    """

    def __init__(
        self, comm_id: str, on_message: Callable[[dict[str, object]], None]
    ) -> None:
        self._comm = _KernelOwnedComm(comm_id, on_message)
        if Kernel.initialized():
            comm.get_comm_manager().register_comm(self._comm)

    def publish(self, message: Mapping[str, object]) -> None:
        """Send a message to every page, from any thread.

        Parameters
        ----------
        message
            JSON values only. Dropped silently when there is no kernel or the
            channel is closed: every message is a snapshot that a later one
            repeats.
        """
        if not self._comm.retired:
            self._comm.send(dict(message))

    def close(self) -> None:
        """Stop listening and publishing; a second call does nothing.

        Notes
        -----
        Pages are not told with ``comm_close``: they would forget the id, and
        nothing would make them listen again when the extension is reloaded.
        """
        self._comm.retired = True
        comms = comm.get_comm_manager().comms
        if comms.get(self._comm.comm_id) is self._comm:
            del comms[self._comm.comm_id]


class _KernelOwnedComm(BaseComm):
    # ipykernel's own comm class routes a page's messages to the shell that last
    # published, which is the one that the running cell keeps busy (ipykernel 7.4,
    # `_reply_subshell_for`). Without that method the page's choice counts.

    def __init__(
        self, comm_id: str, on_message: Callable[[dict[str, object]], None]
    ) -> None:
        super().__init__(target_name=comm_id, comm_id=comm_id, primary=False)
        self.retired = False
        self._on_message = on_message

    @override
    def publish_msg(
        self,
        msg_type: str,
        data: dict[str, Any] | None = None,
        metadata: dict[str, Any] | None = None,
        buffers: list[bytes] | None = None,
        **keys: Any,
    ) -> None:
        if msg_type != "comm_msg" or not Kernel.initialized():
            return
        kernel = Kernel.instance()
        if kernel.session is None:
            return
        try:
            # No parent: the message belongs to no cell, and a page that has no
            # future for the running cell must not drop it.
            kernel.session.send(
                kernel.iopub_socket,
                msg_type,
                {"data": data or {}, "comm_id": self.comm_id, **keys},
                parent=None,
                ident=self.topic,
            )
        except zmq.ZMQError:
            # The kernel is shutting down and has closed its sockets.
            self.retired = True

    @override
    def handle_msg(self, msg: dict[str, Any]) -> None:
        # The inherited method triggers IPython's `post_execute`, which would flush
        # the figures of the cell that runs meanwhile.
        if not self.retired:
            self._on_message(msg["content"]["data"])

    @override
    def handle_close(self, msg: dict[str, Any]) -> None:
        # One page has let go; the others still listen.
        if not self.retired:
            comm.get_comm_manager().register_comm(self)
