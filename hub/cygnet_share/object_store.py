"""Chunks in a bucket of an object store: S3, Google Cloud Storage, or Azure.

Which requests are tried again, and who this is (variables of the environment, or the
identity of the pod) is up to `obstore`.
"""

from collections.abc import Iterator
from contextlib import contextmanager, suppress
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Literal
from urllib.parse import urlsplit

import obstore
from obstore.exceptions import AlreadyExistsError, BaseError
from obstore.store import from_url

from cygnet_share.chunk_store import MARK, NAME, check, is_of
from cygnet_share.errors import ChunkError, SettingsError, StoreError
from cygnet_share.tree import CHUNK_BYTES

if TYPE_CHECKING:
    from obstore.store import RetryConfig

_FOLDER = "c"
_RETRIES: "RetryConfig" = {"max_retries": 5, "retry_timeout": timedelta(seconds=30)}


class ObjectChunks:
    """The chunks in a bucket, or in a folder of it, that nothing else writes into.

    Parameters
    ----------
    url
        As `s3://bucket/folder`; it holds no secret.

    Raises
    ------
    SettingsError
        When it is no such address.
    """

    def __init__(self, url: str) -> None:
        parts = urlsplit(url)
        if "@" in parts.netloc or parts.query or parts.fragment:
            message = (
                "The address of the object store (`objectStore`) has more in it than "
                "bucket and folder. Give credentials by the environment."
            )
            raise SettingsError(message)
        try:
            self._store = from_url(url, retry_config=_RETRIES)
        except (BaseError, ValueError) as error:
            message = (
                f"The object store “{url}” (`objectStore`) cannot be used: {error}. "
                "Give it as `s3://bucket/folder`."
            )
            raise SettingsError(message) from None

    def put(self, name: str, data: bytes) -> None:
        """Keep a chunk, as `Chunks` says."""
        check(name, data)
        with _calling():
            try:
                obstore.put(self._store, _path(name), data, mode="create")
            except AlreadyExistsError:
                if self.get(name) is None:
                    obstore.put(self._store, _path(name), data, mode="overwrite")

    def get(self, name: str) -> bytes | None:
        """Read a chunk, or give None when it is missing or damaged."""
        with _calling():
            try:
                found = obstore.get(self._store, _path(name))
            except FileNotFoundError:
                return None
            if found.meta["size"] > CHUNK_BYTES:
                return None
            data = bytes(found.bytes())
        return data if is_of(name, data) else None

    def delete(self, name: str) -> None:
        """Remove a chunk, when it is there."""
        with _calling():
            try:
                obstore.delete(self._store, _path(name))
            except FileNotFoundError:
                return

    def names(self, before: datetime | None = None) -> Iterator[str]:
        """List the chunks, as `Chunks` says."""
        with _calling():
            for some in obstore.list(self._store, _FOLDER):
                for it in some:
                    name = it["path"].rpartition("/")[2]
                    is_old = before is None or it["last_modified"] < before
                    if is_old and NAME.fullmatch(name):
                        yield name

    def mark(self) -> str | None:
        """Give the id of the database that the chunks are of."""
        with _calling():
            try:
                return bytes(obstore.get(self._store, MARK).bytes()).decode()
            except FileNotFoundError:
                return None

    def set_mark(self, identity: str, *, instead: bool = False) -> None:
        """Keep the id of the database, as `Chunks` says."""
        mode: Literal["overwrite", "create"] = "overwrite" if instead else "create"
        with _calling(), suppress(AlreadyExistsError):
            obstore.put(self._store, MARK, identity.encode(), mode=mode)


def _path(name: str) -> str:
    """Give the key of a chunk, for nothing but a name."""
    if not NAME.fullmatch(name):
        raise ChunkError(name)
    return f"{_FOLDER}/{name[:2]}/{name}"


@contextmanager
def _calling() -> Iterator[None]:
    """Say that the store does not answer in the place of what the library says."""
    try:
        yield
    except BaseError as error:
        raise StoreError(str(error).partition("\n")[0]) from error
