"""Finds settings of JupyterHub that no class reads: a misspelt one is ignored."""

from collections.abc import Iterator

from jupyterhub.app import JupyterHub
from jupyterhub.crypto import CryptKeeper
from jupyterhub.metrics import PeriodicMetricsCollector
from jupyterhub.proxy import ConfigurableHTTPProxy
from traitlets.config import Config

CHOSEN = ("spawner_class", "authenticator_class", "proxy_class")
OTHERS = (JupyterHub, ConfigurableHTTPProxy, CryptKeeper, PeriodicMetricsCollector)
"""Those of JupyterHub that every hub runs, or may run."""


def unread(c: Config) -> list[str]:
    """Give the settings that are no trait of a class that this hub runs."""
    return list(_unread(c))


def _unread(c: Config) -> Iterator[str]:
    # A name is one of JupyterHub's own, which is among the roots.
    found = (c.JupyterHub.get(it) for it in CHOSEN)
    chosen = [it for it in found if isinstance(it, type)]
    roots = (*OTHERS, *chosen)
    classes = {it.__name__: it for root in roots for it in root.__mro__}
    for section, values in c.items():
        traits = (
            classes[section].class_trait_names(config=True)
            if section in classes
            else ()
        )
        yield from (f"{section}.{it}" for it in values if it not in traits)
