"""What JupyterLab can show first, on one machine and on Kubernetes."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class LandingPage:
    """Something that JupyterLab can show first."""

    name: str
    """The value in the form."""
    label: str
    """The words of its line in the form."""
    url: str
    """The address below the notebook server's own."""


WORKSPACE = LandingPage("workspace", "JupyterLab as you left it", "/lab")
LAUNCHER = LandingPage("launcher", "JupyterLab with a new launcher", "/lab?reset")
FLIGHTS = LandingPage(
    "flights", "The flights example", "/lab/tree/examples/flights.ipynb"
)
FOLDER = LandingPage("examples", "The folder of examples", "/lab/tree/examples")
USUAL = (FLIGHTS, FOLDER, LAUNCHER, WORKSPACE)
"""What every form on Kubernetes offers, behind the site's own openings."""
