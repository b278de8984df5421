"""A site's offers, as the tests of the form on Kubernetes have them."""

from collections.abc import Mapping

from cygnet_hub.kubernetes import offer
from cygnet_hub.kubernetes.offer import Offers
from cygnet_hub.kubernetes.settings import KubernetesSettings

RELEASE: Mapping[str, str] = {
    "name": "cygnet",
    "namespace": "cygnet",
    "version": "0.1.0",
    "userImage": "cygnet-user:0.1.0",
    "hubUrl": "http://hub:8081/hub/api",
    "proxyApiUrl": "http://proxy:8001",
    "executorRole": "cygnet-executor",
}
SITE: Mapping[str, object] = {
    "images": [
        {"name": "standard", "label": "Python and Spark", "spark": "4.3"},
        {"name": "older", "label": "Last year's", "spark": "3.5"},
        {"name": "torch", "label": "PyTorch", "groups": ["astro", "ml"]},
    ],
    "sizes": [
        {"name": "small", "label": "Small", "cpu": "2", "memory": "4Gi"},
        {"name": "large", "label": "Large", "cpu": "7", "memory": "14Gi"},
        {"name": "whole", "label": "All of it", "cpu": "8", "memory": "16Gi"},
        {
            "name": "gpu",
            "label": "With a GPU",
            "resources": {"nvidia.com/gpu": 1},
            "groups": ["astro"],
        },
    ],
    "clusters": [
        {"name": "local", "label": "Inside the server", "type": "local"},
        {
            "name": "kubernetes",
            "label": "Executors",
            "type": "kubernetes",
            "spark": ["4"],
            "maxExecutors": 4,
        },
    ],
    "openings": [
        {
            "name": "week1",
            "label": "The course",
            "path": "course/week 1.ipynb",
            "groups": ["class"],
        }
    ],
    "quota": {"cpu": "8", "memory": "16Gi"},
}


def settings(**changed: object) -> KubernetesSettings:
    """The site's settings, with some of them changed."""
    values = {**SITE, "release": RELEASE, **changed}
    return KubernetesSettings.model_validate(values)


def offered(*groups: str, **changed: object) -> Offers:
    """What somebody in these groups is offered."""
    return offer.offers(settings(**changed), frozenset(groups))


def beside(*sizes: str, **changed: object) -> Offers:
    """What somebody is offered whose servers of these sizes run."""
    chosen = settings(**changed)
    named = {it.name: it for it in chosen.sizes}
    return offer.offers(chosen, frozenset(), [named[it] for it in sizes])
