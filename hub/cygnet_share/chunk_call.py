"""The JSON calls that send and read the bytes of files."""

from http import HTTPStatus

from typing_extensions import override

from cygnet_share import snapshot
from cygnet_share.api_model import Chunks
from cygnet_share.call import Call, CallError


class MissingCall(Call):
    """`shares/ID/missing`: what is to be sent."""

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

    @override
    async def put(self, number: str, chunk: str) -> None:
        """Keep a chunk."""
        await self.run(self._keep, int(number), chunk)
        self.set_status(HTTPStatus.NO_CONTENT)

    def _keep(self, number: int, chunk: str) -> None:
        """Ask for the right, keep the bytes, and note who has sent them."""
        service, data = self.service, self.request.body
        snapshot.missing(service.database, self.person, number, [chunk])
        service.chunks.put(chunk, data)
        snapshot.receive(service.database, self.person, chunk, len(data))
        # The sweep may have removed an older one between the two.
        service.chunks.put(chunk, data)


class ReadCall(Call):
    """`shares/ID/snapshots/SEQ/chunks/SHA256`: a chunk of a snapshot."""

    @override
    async def get(self, number: str, seq: str, chunk: str) -> None:
        """Give its bytes."""
        data = await self.run(self._read, int(number), int(seq), chunk)
        if data is None:
            message = "A part of this file is lost. Ask its owner to save it again."
            raise CallError(HTTPStatus.GONE, message)
        self.set_header("Content-Type", "application/octet-stream")
        self.set_header("Content-Disposition", "attachment")
        self.finish(data)

    def _read(self, number: int, seq: int, chunk: str) -> bytes | None:
        """Ask for the right, and read."""
        snapshot.chunk_of(self.service.database, self.person, number, seq, chunk)
        return self.service.chunks.get(chunk)
