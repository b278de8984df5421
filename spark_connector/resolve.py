"""From bundles and options to the settings of one session.

Pure: the same bundles, options and environment give the same `Resolved`, or the same
problems, all of them. Later origins win over earlier ones where a key has one value:
the environment, then bundles, then the caller's options, then what protects a session.
"""

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass, field, fields

from spark_connector import kubernetes
from spark_connector.bundle import NamedBundle
from spark_connector.checks import (
    check_class_paths,
    check_executor_variables,
    check_files,
    check_java_options,
    check_keys,
    check_memory,
    check_metrics,
    check_protected,
    check_versions,
)
from spark_connector.class_path import absolute_settings
from spark_connector.cluster import KubernetesCluster, LocalCluster, plan_local
from spark_connector.environment import Environment, Variables
from spark_connector.errors import RefusedError
from spark_connector.merge import merge_bundles, merge_layers
from spark_connector.pod import Pod
from spark_connector.problem import Problem
from spark_connector.rules import (
    LOOPBACK_ONLY,
    PROTECTED,
    Protection,
)
from spark_connector.setting import Setting
from spark_connector.spark_defaults import (
    default_settings,
    folder_problems,
    ineffective,
)
from spark_connector.trust_store import TrustStore
from spark_monitor.attach import JAR

CALL = "connect()"
OURS = "Cygnet"
_LIBRARY_PATH = "spark.executorEnv.LD_LIBRARY_PATH"
_VARIABLE = re.compile(r"\$\{([^}]*)\}")

# Not a matter of security, and any origin may set them differently.
_DEFAULTS = {
    "spark.app.name": "",
    "spark.log.level": "WARN",
    "spark.ui.showConsoleProgress": "false",
}


@dataclass(frozen=True, slots=True)
class Resolved:
    """The settings of a session, before it is started. It holds no secret of ours."""

    bundles: tuple[NamedBundle, ...]
    """What it is made of, the bundle with the cluster included."""

    settings: tuple[Setting, ...]
    """Sorted by key; each key once."""

    notices: tuple[str, ...]
    """Sentences that a user should know, such as a limit that applied."""

    files: tuple[tuple[str, str], ...] = ()
    """Path and text of what the settings name and has to be there before the start."""

    @property
    def names(self) -> tuple[str, ...]:
        """The names of its bundles."""
        return tuple(named.name for named in self.bundles)

    def values(self) -> dict[str, str]:
        """Return the value of each key that is set."""
        return {setting.key: setting.value for setting in self.settings}

    def value(self, key: str) -> str:
        """Return the value of a key; raises KeyError if it is not set."""
        return self.values()[key]


def resolve(
    bundles: Sequence[NamedBundle],
    cluster: NamedBundle,
    options: Mapping[str, object],
    environment: Environment,
) -> Resolved:
    """Combine bundles and options into the settings of a session.

    `cluster` is the bundle whose cluster is used when none of the chosen has one.
    Values of options are texts, numbers or booleans. Raises RefusedError with every
    problem, found before anything is started.
    """
    chosen, problems = _with_cluster(bundles, cluster)
    named = [it.name for it in bundles]
    outer, unclear = default_settings(environment)
    place = _cluster_of(chosen)
    is_local = place is None or not isinstance(place.bundle.cluster, KubernetesCluster)
    pod = None if is_local else environment.pod
    if not is_local:
        problems += kubernetes.check_pod(pod)
    table = _protections(pod, environment)
    given = _bundle_settings(chosen, named, environment)
    called = [Setting(key, spell(value), CALL) for key, value in options.items()]
    problems += unclear + given.problems + _remote_problems(environment)
    everything = [*outer, *given.defaults, *given.written, *called]
    problems += _settings_problems(everything, environment, table)
    problems += _master_problems([*given.defaults, *given.written, *called])
    problems += check_versions(chosen, environment.spark_version)
    merged, conflicts = merge_bundles(given.written)
    problems += [conflict for conflict in conflicts if conflict.key not in options]
    yielding = [_defaults(environment, pod), _own(given.defaults)]
    merged = merge_layers([*yielding, _own(outer), merged, _own(called)])
    settings, left_out = absolute_settings(merged)
    problems += folder_problems(settings, environment)
    problems += check_memory(
        settings.values(), environment.capacity.memory, is_local=is_local
    )
    if problems or place is None:
        raise RefusedError(problems)
    planned, notices = _planned(place, settings, environment, pod)
    settings = {**settings, **_forced(table), **planned}
    trusted = environment.trust_store()
    settings = merge_layers([settings, _trusting(trusted)])
    ordered = tuple(settings[key] for key in sorted(settings))
    said = (*environment.left_out, *left_out, *ineffective(settings))
    scratch = environment.variables.scratch
    files = (kubernetes.template_file(pod, scratch),) if pod else ()
    notices += (trusted.notice,) if trusted.notice else ()
    code = (named.code_note for named in chosen if named.code_keys)
    return Resolved(tuple(chosen), ordered, (*said, *notices, *code), files)


def spell(value: object) -> str:
    """Return a Python value as Spark spells it: `true` and `false` for booleans."""
    return str(value).lower() if isinstance(value, bool) else str(value)


def _own(settings: Iterable[Setting]) -> dict[str, Setting]:
    return merge_layers({setting.key: setting} for setting in settings)


def _defaults(environment: Environment, pod: Pod | None) -> dict[str, Setting]:
    values = {**_DEFAULTS, "spark.app.name": environment.session_name}
    plain = {key: Setting(key, value, OURS) for key, value in values.items()}
    if pod is not None:
        return {**plain, **kubernetes.defaults(str(JAR), OURS)}
    if environment.library_path:
        path = Setting(_LIBRARY_PATH, environment.library_path, "LD_LIBRARY_PATH")
        plain[_LIBRARY_PATH] = path
    return plain


def _trusting(trusted: TrustStore) -> dict[str, Setting]:
    """Return Cygnet's own Java options, which are not among the permitted ones."""
    key, options = "spark.driver.defaultJavaOptions", trusted.java_options
    return {key: Setting(key, options, OURS)} if options else {}


def _protections(pod: Pod | None, environment: Environment) -> tuple[Protection, ...]:
    if pod is None:
        return (*PROTECTED, *LOOPBACK_ONLY)
    scratch = environment.variables.scratch
    return (*PROTECTED, *kubernetes.protections(pod, scratch))


def _with_cluster(
    bundles: Sequence[NamedBundle], cluster: NamedBundle
) -> tuple[list[NamedBundle], list[Problem]]:
    chosen = list(bundles)
    places = [named for named in chosen if named.bundle.cluster is not None]
    if not places:
        return [cluster, *chosen], []
    if len(places) == 1:
        return chosen, []
    where = " and ".join(named.place for named in places)
    names = ", ".join(named.name for named in places)
    reason = f"Each of {names} names a cluster; a session has one."
    return chosen, [Problem(where, "cluster", reason, "Choose one of them.")]


def _cluster_of(chosen: Iterable[NamedBundle]) -> NamedBundle | None:
    return next((named for named in chosen if named.bundle.cluster), None)


@dataclass(frozen=True, slots=True)
class _Given:
    """The settings that the bundles of a session give."""

    defaults: list[Setting] = field(default_factory=list)
    """What nobody wrote for this session: it yields to everything that is written."""

    written: list[Setting] = field(default_factory=list)
    problems: list[Problem] = field(default_factory=list)


def _bundle_settings(
    chosen: Iterable[NamedBundle], names: Sequence[str], environment: Environment
) -> _Given:
    given = _Given()
    for named in chosen:
        is_named = named.name in names
        settings, unwritten = _cluster_settings(named, environment.pod)
        for key, text in named.bundle.options.items():
            value, unknown = _filled(text, environment.variables)
            settings.append(Setting(key, value, named.origin(key), named.joint(key)))
            given.problems.extend(
                _unknown_variable(named.origin(key), key, name) for name in unknown
            )
        for setting in settings:
            is_written = is_named and setting.key not in unwritten
            (given.written if is_written else given.defaults).append(setting)
    return given


def _unknown_variable(origin: str, key: str, name: str) -> Problem:
    reason = f"There is no variable '${{{name}}}'."
    names = ", ".join(it.name for it in fields(Variables))
    return Problem(origin, key, reason, f"There are: {names}.")


def _cluster_settings(
    named: NamedBundle, pod: Pod | None
) -> tuple[list[Setting], frozenset[str]]:
    """Return what a bundle's cluster asks for, and which keys it leaves open."""
    match named.bundle.cluster:
        case LocalCluster() as cluster:
            key = "spark.driver.memory"
            is_open = "memory" not in cluster.model_fields_set
            unwritten = frozenset([key] if is_open else [])
            return [Setting(key, cluster.memory, named.place)], unwritten
        case KubernetesCluster() as cluster:
            asked = kubernetes.asked_for(cluster, pod, named.place)
            return list(asked.values()), kubernetes.left_open(cluster)
        case None:
            return [], frozenset()


def _filled(text: str, variables: Variables) -> tuple[str, list[str]]:
    known = asdict(variables)
    unknown = [name for name in _VARIABLE.findall(text) if name not in known]
    fill = _VARIABLE.sub(lambda match: str(known.get(match[1], match[0])), text)
    return fill, unknown


def _settings_problems(
    settings: Sequence[Setting],
    environment: Environment,
    table: Sequence[Protection],
) -> list[Problem]:
    variables = [Setting(name, text, name) for name, text in environment.java_options]
    work = environment.variables.work
    return [
        *check_keys(settings),
        *check_protected(settings, table),
        *check_metrics(settings),
        *check_files(settings, work, environment.is_there),
        *check_class_paths(settings, work, environment.flaw_of),
        *check_java_options([*settings, *variables]),
        *check_executor_variables(settings),
    ]


def _remote_problems(environment: Environment) -> list[Problem]:
    return [
        Problem(
            "the process environment",
            name,
            "The variable makes this kernel a Spark Connect client.",
            f"Unset it: %env {name}=",
        )
        for name in environment.remote
    ]


def _master_problems(settings: Iterable[Setting]) -> list[Problem]:
    return [
        Problem(
            setting.origin,
            setting.key,
            "A bundle's 'cluster' decides where Spark runs, not an option.",
            "Remove it and choose a bundle with that cluster.",
        )
        for setting in settings
        if setting.key == "spark.master"
    ]


def _forced(table: Iterable[Protection]) -> dict[str, Setting]:
    return {
        entry.key: Setting(entry.key, entry.value, OURS)
        for entry in table
        if entry.value is not None
    }


def _planned(
    place: NamedBundle,
    settings: Mapping[str, Setting],
    environment: Environment,
    pod: Pod | None,
) -> tuple[dict[str, Setting], tuple[str, ...]]:
    """Return master and sizes within the limits, and what was reduced."""
    if pod is not None:
        limited = kubernetes.limit(settings, pod, environment.capacity)
        master = Setting("spark.master", f"k8s://{pod.api}", place.place)
        return {**limited.settings, "spark.master": master}, limited.notices
    cluster = place.bundle.cluster
    if not isinstance(cluster, LocalCluster):
        cluster = LocalCluster(type="local")
    heap = settings["spark.driver.memory"]
    plan = plan_local(cluster, heap.value, environment.capacity)
    origin = heap.origin if plan.memory == heap.value else f"{heap.origin}, limited"
    planned = (
        Setting("spark.master", plan.master, place.place),
        Setting("spark.driver.memory", plan.memory, origin),
    )
    return {setting.key: setting for setting in planned}, plan.notices
