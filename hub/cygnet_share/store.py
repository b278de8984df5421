"""Opens what the service keeps its data in."""

from cygnet_share.chunk_store import Chunks, LocalChunks
from cygnet_share.errors import SettingsError
from cygnet_share.settings import Place


def chunks(place: Place) -> Chunks:
    """Open the store of chunks: a bucket where one is named, else the directory.

    Raises
    ------
    SettingsError
        When the bucket's name or a package is wrong or missing.
    """
    url = place.operator.object_store
    if not url:
        return LocalChunks(place.directory / "chunks")
    try:
        from cygnet_share.object_store import ObjectChunks  # noqa: PLC0415  # An extra.
    except ModuleNotFoundError:
        message = (
            "An object store (`objectStore`) needs a package that is missing: run "
            "`pip install 'cygnet[objects]'`."
        )
        raise SettingsError(message) from None
    return ObjectChunks(url)
