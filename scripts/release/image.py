"""Builds the images as the cluster lane does, and writes them as OCI archives."""

from scripts.release.plan import IMAGES, Plan
from tests.cluster.node import debian, image


def build() -> None:
    """Build the base and the images, with the wheel that is in `dist`."""
    debian.make()
    image.build(debian.NAME, IMAGES)


def write(plan: Plan, name: str) -> None:
    """Write an image's archive."""
    target = f"oci-archive:{plan.image(name)}:{plan.tag(name)}"
    image.buildah("push", "--quiet", image.full_name(name), target)
