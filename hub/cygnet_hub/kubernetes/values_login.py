"""Checks who could come in, and whether browsers could reach the service.

What the chart's templates refuse too, for a check without Helm; a test compares both.
"""

import re
from collections.abc import Iterator, Mapping
from typing import Any
from urllib.parse import urlsplit

from cygnet_hub.auth.settings import Oidc
from cygnet_hub.kubernetes.chart_values import Secrets, Service, Values
from cygnet_hub.kubernetes.values_file import Flaw, Place

_OIDC: Place = ("config", "oidc")
_INGRESS = ("ingress", "enabled")


def flaws(
    raw: Mapping[str, Any], values: Values, *, is_upgrade: bool
) -> Iterator[Flaw]:
    """Check provider, addresses and the names of Secrets.

    Parameters
    ----------
    raw
        The values as they are written: a provider that is refused is one.
    is_upgrade
        Whether a release is there, which goes on to let in everybody.
    """
    has_provider = bool(_inside(raw, "config", "oidc"))
    yield from _publishing(values, has_provider=has_provider)
    yield from _service(values.proxy.service)
    yield from _secrets(values.secrets, has_provider=has_provider)
    # An Ingress without a host is refused for that.
    is_reachable = any(_inside(raw, *it) for it in (("publicUrl",), _INGRESS))
    if has_provider and not is_reachable and not _has_route(raw):
        reason = "is needed with config.oidc, which sends browsers back there"
        yield Flaw(("publicUrl",), reason, "set it, ingress.host or gateway.hostnames")
    has_hosts = values.accept_one_origin is False or not is_upgrade
    if has_provider and not values.accept_one_origin and has_hosts:
        yield from _origin(_public_url(values))
    if values.config.oidc is not None:
        yield from _provider(values.config.oidc, is_upgrade=is_upgrade)


def _publishing(values: Values, *, has_provider: bool) -> Iterator[Flaw]:
    """Check how browsers come in."""
    ways: dict[Place, bool] = {
        _INGRESS: values.ingress.enabled,
        ("gateway", "enabled"): values.gateway.enabled,
        ("proxy", "service", "type"): values.proxy.service.type != "ClusterIP",
    }
    for place in (it for it, is_on in ways.items() if is_on and not has_provider):
        reason = "publishes the service, for which there is no identity provider"
        yield Flaw(place, reason, "set config.oidc, or leave it at its default")
    if values.ingress.enabled and not values.ingress.host:
        reason = "is needed with ingress.enabled"
        yield Flaw(("ingress", "host"), reason, "write the name that browsers use")
    if values.gateway.enabled and not values.gateway.parent_refs:
        reason = "are needed with gateway.enabled"
        yield Flaw(("gateway", "parentRefs"), reason, "name the Gateway")
    path = urlsplit(values.public_url).path.strip("/")
    if values.public_url and path != values.prefix.strip("/"):
        reason = f"its path is /{path}, and prefix says {values.prefix}"
        yield Flaw(("publicUrl",), reason, "write the same path in both")


def _service(service: Service) -> Iterator[Flaw]:
    """Check what Kubernetes takes for other types of services alone."""
    place = ("proxy", "service")
    if service.node_port and service.type == "ClusterIP":
        remedy = "set proxy.service.type to NodePort, or leave it out"
        yield Flaw((*place, "nodePort"), "ClusterIP has no port of nodes", remedy)
    if service.load_balancer_source_ranges and service.type != "LoadBalancer":
        reason = f"{service.type} lets in everybody or nobody"
        remedy = "set proxy.service.type to LoadBalancer, or leave them out"
        yield Flaw((*place, "loadBalancerSourceRanges"), reason, remedy)


def _secrets(secrets: Secrets, *, has_provider: bool) -> Iterator[Flaw]:
    """Check what is given in a text and what in a Secret."""
    pairs = {
        "oidcClientSecret": (
            secrets.oidc_client_secret,
            secrets.oidc_client_secret_from,
        ),
        "databaseUrl": (secrets.database_url, secrets.database_url_from),
        "shareDatabaseUrl": (
            secrets.share_database_url,
            secrets.share_database_url_from,
        ),
    }
    for name, (text, source) in pairs.items():
        if text and source.name:
            reason = f"is set along with {name}From"
            yield Flaw(("secrets", name), reason, "keep only one of them")
        if source.name and not source.key:
            place = ("secrets", f"{name}From", "key")
            yield Flaw(place, "is needed with the Secret's name", "name the key")
    is_given = secrets.oidc_client_secret or secrets.oidc_client_secret_from.name
    if has_provider and not (is_given or secrets.existing):
        reason = "is needed with config.oidc"
        remedy = "name the Secret with the client's secret, and its key"
        yield Flaw(("secrets", "oidcClientSecretFrom"), reason, remedy)


def _provider(oidc: Oidc, *, is_upgrade: bool) -> Iterator[Flaw]:
    """Check who is let in, and what tokens are for."""
    if not oidc.allowed_groups and not oidc.allow_everybody:
        reason = (
            f"is empty, which lets in everybody who has an account at {oidc.issuer}"
        )
        remedy = "name groups, or set config.oidc.allowEverybody to true"
        yield Flaw((*_OIDC, "allowedGroups"), reason, remedy, is_upgrade)
    if oidc.allowed_groups and oidc.allow_everybody:
        reason = "contradicts allowedGroups, which counts"
        yield Flaw((*_OIDC, "allowEverybody"), reason, "keep only one of them")
    is_resource = oidc.token_method == "resource"  # noqa: S105 - no secret
    parts = urlsplit(oidc.token_audience)
    if oidc.token_groups and is_resource and (not parts.scheme or parts.fragment):
        reason = f"“{oidc.token_audience}” is not an absolute URI"
        remedy = "write e.g. https://data.example.org"
        yield Flaw((*_OIDC, "tokenAudience"), reason, remedy)


def _public_url(values: Values) -> str:
    """Return where browsers reach the service; empty where nothing says it."""
    if values.public_url:
        return values.public_url
    if values.ingress.enabled and values.ingress.host:
        scheme = "https" if values.ingress.tls else "http"
        return f"{scheme}://{values.ingress.host}"
    names = values.gateway.hostnames if values.gateway.enabled else ()
    return f"https://{names[0]}" if names else ""


def _origin(url: str) -> Iterator[Flaw]:
    """Check that each user's servers can have a host name of their own."""
    parts = urlsplit(url)
    host = parts.hostname or ""
    if parts.scheme == "http":
        reason = "has no TLS"
    elif url and (":" in host or "." not in host or re.fullmatch(r"[0-9.]+", host)):
        reason = "has no names below its host"
    else:
        return
    reason = f"{url} {reason}, so users' servers cannot have host names of their own"
    remedy = (
        "publish the service by https under a host name for which *.HOST resolves "
        "too, or accept one for everybody by acceptOneOrigin: true"
    )
    yield Flaw(("publicUrl",), reason, remedy)


def _has_route(raw: Mapping[str, Any]) -> bool:
    """Return whether a route has a name that browsers use."""
    return bool(_inside(raw, "gateway", "enabled")) and bool(
        _inside(raw, "gateway", "hostnames")
    )


def _inside(raw: object, *keys: str) -> object:
    """Return what stands somewhere, whatever stands on the way there."""
    for key in keys:
        raw = raw.get(key) if isinstance(raw, Mapping) else None
    return raw
