"""JupyterHub's configuration file on Kubernetes: loads the settings, applies them."""

from traitlets.config import get_config

from cygnet_hub.kubernetes import (
    cluster_configure,
    cluster_settings,
    pod_spawner,
    sweep,
)

_chosen = cluster_settings.load()
cluster_configure.apply(get_config(), _chosen)
sweep.begin(_chosen, pod_spawner.connect)
