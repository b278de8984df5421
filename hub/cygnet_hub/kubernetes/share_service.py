"""The sharing service of a release: a pod of its own, which the chart makes."""

from urllib.parse import urlsplit

from pydantic import SecretStr

from cygnet_hub.kubernetes.settings import Release
from cygnet_hub.sharing import SharingService


def service(release: Release, token: str = "") -> SharingService | None:
    """Return the service, where there is one.

    Parameters
    ----------
    token
        With which it asks the hub.
    """
    if not release.share_url:
        return None
    public = urlsplit(release.public_url)
    host = f"{public.scheme}://{public.netloc}" if release.host_per_person else ""
    return SharingService(
        target=release.share_url,
        prefix=release.prefix,
        subdomain_host=host,
        token=SecretStr(token),
    )
