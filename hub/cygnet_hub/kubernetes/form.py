"""Asks what a server on Kubernetes is to be started with: a part of its spawner.

`form_spawner` fills the form in, refuses and remembers; this says what is offered to
the server's owner.
"""

from typing import Any

from traitlets import Instance
from typing_extensions import override

from cygnet_hub.kubernetes import choice, offer
from cygnet_hub.kubernetes.choice import PodChoice
from cygnet_hub.kubernetes.offer import Offers
from cygnet_hub.kubernetes.settings import KubernetesSettings, SizeOffer
from cygnet_hub.spawn import rescue
from cygnet_hub.spawn.form_spawner import FormSpawner
from cygnet_hub.spawn.options_form import OptionsForm


class PodFormSpawner(FormSpawner[PodChoice]):
    """The form of images, sizes and clusters.

    Notes
    -----
    To be named before KubeSpawner, whose own form (`profile_list`) it replaces.
    """

    user: Any
    """The server's owner, as JupyterHub sets it."""
    name: str
    """What the server is called; empty for the default one."""

    moved = rescue.MOVED
    settings = Instance(KubernetesSettings).tag(config=True)

    @property
    def offers(self) -> Offers:
        """What is offered to the server's owner now."""
        return offer.offers(self.settings, self.groups, self._others)

    @property
    def groups(self) -> frozenset[str]:
        """The groups of the server's owner, as the hub knows them now."""
        return frozenset(group.name for group in self.user.groups)

    @property
    def _others(self) -> tuple[SizeOffer, ...]:
        """The sizes of the owner's servers, but for the one that is being started."""
        named = {it.name: it for it in self.settings.sizes}
        chosen = [
            str((it.orm_spawner.user_options or {}).get("size"))
            for name, it in self.user.spawners.items()
            # The form of a new server is the default one's, which may be running.
            if it.active and not (name == self.name and it.pending)
        ]
        return tuple(named[it] for it in chosen if it in named)

    @property
    @override
    def form(self) -> OptionsForm[PodChoice]:
        """What is offered to the server's owner now."""
        return choice.form(self.offers)
