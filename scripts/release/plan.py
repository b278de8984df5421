"""Names the files of a release; makes none of them."""

from dataclasses import dataclass
from pathlib import Path

IMAGES = ("hub", "proxy", "user")
"""The images that the chart needs."""
SUMS = "SHA256SUMS"
SBOM = ".cdx.json"
"""How the name of a CycloneDX document ends."""


@dataclass(frozen=True, slots=True)
class Plan:
    """What a release of one version consists of."""

    version: str
    """The version, e.g. `0.1.0`."""
    folder: Path
    """Where the files are."""

    @property
    def wheel(self) -> Path:
        """The wheel."""
        return self.folder / f"cygnet-{self.version}-py3-none-any.whl"

    @property
    def sdist(self) -> Path:
        """The source distribution."""
        return self.folder / f"cygnet-{self.version}.tar.gz"

    @property
    def chart(self) -> Path:
        """The archive of the Helm chart."""
        return self.folder / f"cygnet-{self.version}.tgz"

    def image(self, name: str) -> Path:
        """Give the OCI archive of an image."""
        return self.folder / f"cygnet-{name}-{self.version}.oci.tar"

    def tag(self, name: str) -> str:
        """Give the name of an image in its archive."""
        return f"cygnet-{name}:{self.version}"

    @property
    def artefacts(self) -> tuple[Path, ...]:
        """All that is installed somewhere, each of which has an SBOM."""
        images = (self.image(it) for it in IMAGES)
        return (self.wheel, self.sdist, self.chart, *images)

    @property
    def files(self) -> tuple[Path, ...]:
        """All files that have a checksum, sorted by name."""
        return tuple(sorted((*self.artefacts, *map(sbom_of, self.artefacts))))


def sbom_of(artefact: Path) -> Path:
    """Give the SBOM of an artefact, which lies next to it."""
    return artefact.with_name(artefact.name + SBOM)
