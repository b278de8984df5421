"""Login links of a service on Kubernetes, made inside the hub's pod."""

from pathlib import Path

from cygnet_hub.auth import login_link
from cygnet_hub.kubernetes import settings
from cygnet_hub.kubernetes.errors import ProviderError
from cygnet_hub.kubernetes.settings import KubernetesSettings

FORWARDED = "http://127.0.0.1:8000"
"""Where `kubectl port-forward` of the chart's notes brings an unpublished service."""


def issue_in_pod(links: Path) -> str:
    """Make a link by the settings of this hub's pod; raises as `issue` does."""
    return issue(settings.load(), links)


def issue(chosen: KubernetesSettings, links: Path) -> str:
    """Make a link good for one login.

    Parameters
    ----------
    chosen
        Says where browsers reach the service.

    Raises
    ------
    ProviderError
        When users log in at an identity provider instead.
    DataDirectoryError
        When the volume cannot be written.
    DiskFullError
        When there is no space on it.
    """
    if chosen.oidc is not None:
        raise ProviderError(chosen.oidc.label)
    release = chosen.release
    service = (release.public_url or FORWARDED + release.prefix).rstrip("/")
    return login_link.url_below(f"{service}/", login_link.issue(links))
