"""The JSON calls that send and read the bytes of files."""

from functools import partial
from http import HTTPStatus
from types import MappingProxyType

from typing_extensions import override

from cygnet_share import quota, snapshot
from cygnet_share.api_model import Chunks
from cygnet_share.call import Call, CallError
from cygnet_share.errors import QuotaError
from cygnet_share.right import Right
from cygnet_share.tree import CHUNK_BYTES
from cygnet_share.turn import Kind


class MissingCall(Call):
    """`shares/ID/missing`: what has to be sent."""

    kinds = MappingProxyType({"post": Kind.LARGE})
    wants = MappingProxyType({"post": Right.EDIT})
    max_body = 2 * CHUNK_BYTES

    @override
    async def post(self, number: str) -> None:
        """Say which chunks have to be sent before they can be published."""
        chunks = self.body(Chunks).chunks
        found = await self.run(
            snapshot.missing, self.service.database, self.person, int(number), chunks
        )
        self.finish({"chunks": found})


class ChunkCall(Call):
    """`shares/ID/chunks/SHA256`: a chunk that is sent."""

    kinds = MappingProxyType({"put": Kind.UPLOAD})
    wants = MappingProxyType({"put": Right.EDIT})
    max_body = CHUNK_BYTES

    @override
    async def put(self, number: str, chunk: str) -> None:
        """Keep a chunk."""
        await self.run(self._keep, int(number), chunk)
        self.set_status(HTTPStatus.NO_CONTENT)

    def _keep(self, number: int, chunk: str) -> None:
        """Ask for the right, keep the bytes, and note who has sent them."""
        service, data = self.service, self.sent
        if chunk not in snapshot.missing(
            service.database, self.person, number, [chunk]
        ):
            # It is there; a damaged one is written again.
            service.chunks.put(chunk, data)
            return
        ask = partial(self._left, number)
        allowances, owner = service.allowances, quota.owner_of(service.database, number)
        if not allowances.take(self.person.id, owner, len(data), ask):
            raise self._refusal_of(number, len(data))
        service.chunks.put(chunk, data)
        snapshot.receive(service.database, self.person, chunk, len(data))
        # The sweep may have removed an older one between the two.
        service.chunks.put(chunk, data)

    def _left(self, number: int) -> int:
        """Say how much the caller may send."""
        service = self.service
        with service.database.reading.connect() as connection:
            most = service.limits.max_person_bytes
            return quota.left(connection, self.person, number, most)

    def _refusal_of(self, number: int, size: int) -> QuotaError:
        """Say in words that there is no room."""
        service = self.service
        with service.database.reading.connect() as connection:
            most = service.limits.max_person_bytes
            return quota.refusal(connection, self.person, number, size, most)


class ReadCall(Call):
    """`shares/ID/snapshots/SEQ/chunks/SHA256`: a chunk of a snapshot."""

    kinds = MappingProxyType({"get": Kind.DOWNLOAD})

    @override
    async def get(self, number: str, seq: str, chunk: str) -> None:
        """Give its bytes."""
        data = await self.run(self._read, int(number), int(seq), chunk)
        if data is None:
            message = "A part of this file is lost. Ask its owner to save it again."
            raise CallError(HTTPStatus.GONE, message)
        self.set_header("Content-Type", "application/octet-stream")
        self.set_header("Content-Disposition", "attachment")
        self.hold(len(data))
        await self.send(data)

    def _read(self, number: int, seq: int, chunk: str) -> bytes | None:
        """Ask for the right, and read."""
        service = self.service
        snapshot.chunk_of(service.database, self.person, number, seq, chunk)
        data = service.chunks.get(chunk)
        if data is None:
            snapshot.lose(service.database, chunk)
        return data
