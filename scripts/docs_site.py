"""MkDocs' hooks for the docs site: documents of the root, and Mermaid from npm.

`mkdocs.yml` names this file. Links of the root's documents are written for a reader of
the repository, so they are turned into links of the site.
"""

import os
import re
from pathlib import Path
from typing import Any

from mkdocs.exceptions import PluginError
from mkdocs.structure.files import File, Files

ROOT = Path(__file__).resolve().parent.parent
MERMAID = ROOT / "extensions/node_modules/mermaid/dist/mermaid.min.js"
"""What draws diagrams; it comes with JupyterLab's packages, pinned by the lock file."""
DOCUMENTS = {
    "../CONTRIBUTING.md": "developing/contributing.md",
    "../SECURITY.md": "security/reporting.md",
}
"""Documents outside of `docs`, and where they stand in the site."""


def on_files(files: Files, config: Any) -> Files:  # noqa: ANN401 - MkDocs has no types here.
    """Add what is not in `docs`."""
    for source, page in DOCUMENTS.items():
        text = relinked((ROOT / "docs" / source).read_text(), source, page)
        files.append(File.generated(config, page, content=text))
    if not MERMAID.exists():
        message = f"{MERMAID} is missing: run `make docs`, which installs it."
        raise PluginError(message)
    script = "assets/mermaid.min.js"
    files.append(File.generated(config, script, abs_src_path=str(MERMAID)))
    return files


def on_page_markdown(markdown: str, page: Any, **_: object) -> str:  # noqa: ANN401 - as above
    """Point links to documents of the root to their places in the site."""
    name = page.file.src_uri
    return markdown if name in DOCUMENTS.values() else relinked(markdown, name, name)


def relinked(text: str, source: str, page: str) -> str:
    """Rewrite the relative links of a text.

    Parameters
    ----------
    text
        Markdown.
    source
        The path below `docs` for which its links were written.
    page
        The path below `docs` where it stands in the site.
    """

    def link(found: re.Match[str]) -> str:
        path, sign, anchor = found[1].partition("#")
        if "://" in path or not path:
            return found[0]
        target = os.path.normpath(Path(source).parent / path)
        place = DOCUMENTS.get(target, target.removeprefix("../docs/"))
        return f"]({os.path.relpath(place, Path(page).parent)}{sign}{anchor})"

    return re.sub(r"\]\(([^)\s]*)\)", link, text)
