"""What docs/admin.md tells an operator to write: YAML, and names of values."""

import re
from typing import Any

import yaml

from tests.support.source import ROOT
from tests.support.values import merged

PAGE = (ROOT / "docs/admin.md").read_text().partition("## On Kubernetes\n")[2]
_YAML = re.findall(r"^```yaml\n(.*?)^```", PAGE, re.MULTILINE | re.DOTALL)
_PARTS: list[dict[str, Any]] = [yaml.safe_load(it) for it in _YAML]
OBJECTS = [it for it in _PARTS if "kind" in it]
"""Objects of Kubernetes that are applied beside the chart."""
SITE, *_MORE = (it for it in _PARTS if "kind" not in it)
"""The one values file."""
VALUES = [SITE, *(merged(SITE, it) for it in _MORE)]
"""That file, and again with each of the parts that a site may add to it."""
