"""Reads the bundles from their folders.

A file that cannot be used is reported as problems and never hides the good ones.
"""

import os
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from spark_connector.bundle import NamedBundle, parse_bundle
from spark_connector.cluster import KubernetesCluster
from spark_connector.errors import RefusedError
from spark_connector.grant import BUNDLES
from spark_connector.problem import Problem
from spark_connector.suggestion import did_you_mean
from spark_connector.swan import parse_swan

SHIPPED = Path(__file__).parent / "data" / "bundles"
_DEFAULTS = {"local": "local-all-cores", "kubernetes": "executors"}
_SUFFIXES = frozenset({".yaml", ".yml", ".json"})
# Somebody may take these for bundles.
_OTHER_SUFFIXES = frozenset(
    {".cfg", ".conf", ".ini", ".json5", ".jsonc", ".properties", ".toml", ".xml"}
)
_MAX_BYTES = 256 * 1024


@dataclass(frozen=True, slots=True)
class Catalog:
    """The bundles that there are."""

    bundles: tuple[NamedBundle, ...]
    """Sorted by title."""

    problems: tuple[Problem, ...]
    """Of files that could not be used, and notices of those that could."""

    cluster_type: str = "local"
    """The kind of cluster that the start form's choice means."""

    @property
    def default_name(self) -> str:
        """The name of the bundle that is used when none is named."""
        return _DEFAULTS.get(self.cluster_type, _DEFAULTS["local"])

    @property
    def default(self) -> NamedBundle:
        """The bundle that is used when none is named."""
        return next(it for it in self.bundles if it.name == self.default_name)

    def at(self, cluster_type: str) -> "Catalog":
        """Return the same bundles with the default for another kind of cluster."""
        return replace(self, cluster_type=cluster_type)

    def offered(self, *, has_pod: bool) -> "Catalog":
        """Return what a page offers: no bundles with executors outside of a pod."""
        kept = (it for it in self.bundles if has_pod or not _needs_pod(it))
        return replace(self, bundles=tuple(kept))

    def choose(self, names: Iterable[str]) -> list[NamedBundle]:
        """Return the named bundles in the order of the names, each once.

        Raises RefusedError with one problem for each unknown name.
        """
        known = {named.name: named for named in self.bundles}
        wanted = list(dict.fromkeys(names))
        unknown = [name for name in wanted if name not in known]
        if unknown:
            raise RefusedError([self._unknown(name, known) for name in unknown])
        return [known[name] for name in wanted]

    def changes_since(self, used: Iterable[NamedBundle]) -> tuple[Problem, ...]:
        """Return a problem for each bundle of a session that has other settings now."""
        now = {named.name: named for named in self.bundles}
        remedy = "To use the new one, call disconnect() and then connect() again."
        problems: list[Problem] = []
        for named in used:
            if named.name not in now:
                reason = (
                    f"The bundle '{named.name}' of this session cannot be read now."
                )
                problems.append(Problem(named.place, None, reason, ""))
            elif _asked(now[named.name]) != _asked(named):
                reason = f"The bundle '{named.name}' changed since this session began."
                problems.append(Problem(named.place, None, reason, remedy))
        return tuple(problems)

    def _unknown(self, name: str, known: Iterable[str]) -> Problem:
        broken = [p for p in self.problems if p.place.startswith(f"{name}.")]
        if broken:
            remedy = f"It says: {broken[0].reason} {broken[0].remedy}"
            reason = f"The bundle '{name}' cannot be used, its file has problems."
            return Problem(broken[0].place, broken[0].key, reason, remedy)
        reason = f"There is no bundle '{name}'."
        return Problem("connect()", None, reason, did_you_mean(name, known))


def read_catalog(folders: Sequence[Path]) -> Catalog:
    """Read the shipped bundles and those of more folders, in order.

    Of two bundles with one name the first counts, so that no folder can silently
    replace a shipped bundle.
    """
    bundles: dict[str, NamedBundle] = {}
    problems: list[Problem] = []
    for folder in (SHIPPED, *folders):
        for path in _files(folder, problems):
            found, notices = _read(path)
            problems += notices
            for named in found:
                first = bundles.setdefault(named.name, named)
                if first is not named:
                    problems.append(_duplicate(named, first, path))
    ordered = sorted(bundles.values(), key=lambda named: named.bundle.title.lower())
    return Catalog(tuple(ordered), tuple(problems))


class CatalogCache:
    """Reads the catalog again whenever a file of its folders changed."""

    def __init__(self) -> None:
        self._seen: object = None
        self._catalog: Catalog | None = None

    def read(self, folders: Sequence[Path]) -> Catalog:
        """Return the catalog of the current files, the same object if none changed."""
        seen = [(folder, _signature(folder)) for folder in (SHIPPED, *folders)]
        if self._catalog is None or seen != self._seen:
            self._catalog = read_catalog(folders)
            self._seen = seen
        return self._catalog


def _asked(named: NamedBundle) -> object:
    return named.bundle.spark, named.bundle.cluster, named.bundle.options


def _needs_pod(named: NamedBundle) -> bool:
    return isinstance(named.bundle.cluster, KubernetesCluster)


def _signature(folder: Path) -> object:
    try:
        with os.scandir(folder) as entries:
            return sorted(
                (entry.name, stat.st_mtime_ns, stat.st_size)
                for entry in entries
                # A link that leads nowhere is a file that cannot be read, no more.
                for stat in (entry.stat(follow_symlinks=entry.is_file()),)
            )
    except OSError:
        return None


def _files(folder: Path, problems: list[Problem]) -> list[Path]:
    try:
        paths = sorted(folder.iterdir())
    except OSError as error:
        reason = f"The folder of bundles cannot be read ({error.strerror})."
        remedy = f"Make the folder, or correct {BUNDLES}."
        problems.append(Problem(str(folder), None, reason, remedy))
        return []
    visible = [path for path in paths if not path.name.startswith(".")]
    problems += [_other(p) for p in visible if _suffix(p) in _OTHER_SUFFIXES]
    return [path for path in visible if _suffix(path) in _SUFFIXES]


def _suffix(path: Path) -> str:
    return path.suffix.lower()


def _other(path: Path) -> Problem:
    reason = "The file is not read: a bundle's name ends with .yaml, .yml or .json."
    return Problem(path.name, None, reason, "Write it as YAML, or remove it.")


def _read(path: Path) -> tuple[Sequence[NamedBundle], Sequence[Problem]]:
    try:
        text = _text(path)
        if _suffix(path) == ".json":
            reading = parse_swan(text, path.name)
            return reading.bundles, reading.notices
        return [parse_bundle(text, path.name)], ()
    except RefusedError as error:
        return (), error.problems


def _text(path: Path) -> str:
    """Read a file that anybody may have put there."""
    if path.exists() and not path.is_file():
        raise _refused(path, "This is not a file.", "Put a file there.")
    try:
        with path.open("rb") as file:
            data = file.read(_MAX_BYTES + 1)
        if len(data) > _MAX_BYTES:
            reason = "The file is larger than 256 KB."
            raise _refused(path, reason, "A bundle is a short file.")
        return data.decode()
    except (OSError, UnicodeDecodeError) as error:
        reason = f"The file cannot be read ({error})."
        raise _refused(path, reason, "Save it as UTF-8 text.") from error


def _refused(path: Path, reason: str, remedy: str) -> RefusedError:
    return RefusedError([Problem(path.name, None, reason, remedy)])


def _duplicate(named: NamedBundle, first: NamedBundle, path: Path) -> Problem:
    reason = f"A bundle '{named.name}' exists already, in {first.place}."
    return Problem(str(path), None, reason, "Give one of them another name.")
