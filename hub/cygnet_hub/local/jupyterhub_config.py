"""JupyterHub's configuration file: loads the settings and applies them."""

from traitlets.config import get_config

from cygnet_hub.local import configure, settings

configure.apply(get_config(), settings.load())
