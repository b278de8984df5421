"""JupyterHub's configuration file on Kubernetes: loads the settings, applies them."""

from traitlets.config import get_config

from cygnet_hub.kubernetes import (
    configure,
    reconciler,
    settings,
    spawner,
)

_chosen = settings.load()
configure.apply(get_config(), _chosen)
reconciler.begin(_chosen, spawner.connect)
