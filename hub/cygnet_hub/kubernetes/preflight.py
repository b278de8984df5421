"""Whether a cluster protects users from each other: what `helm test` reports.

Decisions without side effects: answers of the cluster in, items out. An item that is
not good says what follows from it and what to do.
"""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass

LEVEL = "pod-security.kubernetes.io/enforce"
"""The label of a namespace that refuses pods which could harm the node."""
DEFAULT_CLASS = "storageclass.kubernetes.io/is-default-class"
"""The annotation of the storage class that claims get which name none."""
POLICY = "ValidatingAdmissionPolicy"
"""What a refusal by an admission policy names."""
ADVISED_PROCESSES = 4096
"""A limit with room for several kernels with Spark."""
MOST_PROCESSES = 5000
"""How many processes the probe asks for; a limit above it counts as none."""
LEAST_PROCESSES = 500
"""What a notebook server with one Spark session needs."""
REFUSED = 400
"""The lowest status of a refusal; admission policies answer 403 or 422."""


@dataclass(frozen=True, slots=True)
class Item:
    """One thing that was looked at."""

    name: str
    """What."""
    is_good: bool
    """Whether it is as it should be."""
    fact: str
    """What was found."""
    consequence: str = ""
    """What follows when it is not good, or is a note, and what to do."""
    is_note: bool = False
    """Whether it is worth knowing, and may be as it should."""


@dataclass(frozen=True, slots=True)
class Right:
    """Something that an account may do, or may not."""

    verb: str
    """E.g. `create`."""
    resource: str
    """E.g. `pods`."""
    group: str = ""
    """The API group."""


NEEDED = (
    Right("create", "namespaces"),
    Right("create", "pods"),
    Right("watch", "pods"),
    Right("list", "events"),
    Right("create", "persistentvolumeclaims"),
    Right("create", "services"),
    Right("patch", "resourcequotas"),
    Right("patch", "networkpolicies", "networking.k8s.io"),
    Right("patch", "rolebindings", "rbac.authorization.k8s.io"),
)
"""What the hub cannot work without."""
TOO_MUCH = (
    Right("list", "secrets"),
    Right("create", "clusterrolebindings", "rbac.authorization.k8s.io"),
    Right("delete", "namespaces"),
)
"""What the hub's account must not be able to do."""


def network(open_port: bool, closed_port: bool, closed_way: bool) -> tuple[Item, ...]:  # noqa: FBT001 - three findings of one kind
    """Judge what could be reached.

    Parameters
    ----------
    open_port
        Whether a port was reached that policies permit.
    closed_port
        Whether one was reached that the other side's policy does not permit.
    closed_way
        Whether one was reached that the own policy does not permit.

    Returns
    -------
    tuple of Item
        When even what is permitted is not reached, nothing else is known.
    """
    control = Item(
        "what is permitted",
        open_port,
        "is reached" if open_port else "is not reached",
        "It is unknown whether NetworkPolicies are enforced: pods of this namespace "
        "do not reach each other at all. Look at the network plugin and at DNS.",
    )
    consequence = (
        "Every user's code can reach other users' servers, the hub and the cloud's "
        "metadata. Install a network plugin that enforces NetworkPolicies (Cilium, "
        "Calico), or run no code of strangers here."
    )
    if not open_port:
        return (control,)
    found = {"comes in": closed_port, "goes out": closed_way}
    return (
        control,
        *(
            Item(
                f"NetworkPolicies for what {way}",
                not is_reached,
                "are not enforced" if is_reached else "hold",
                consequence,
            )
            for way, is_reached in found.items()
        ),
    )


def unseen(name: str, status: int, answer: Mapping[str, object]) -> Item:
    """Note what could not be looked up, in place of a judgement."""
    return Item(
        name,
        is_good=True,
        fact=f"could not be looked up ({status} {answer.get('message') or ''})",
        consequence="Nothing is known of it. The hub's account has the rights that the "
        "chart gives it; look at what took them away.",
        is_note=True,
    )


def storage(classes: Iterable[Mapping[str, object]], wanted: str) -> Item:
    """Judge whether home directories get volumes.

    Parameters
    ----------
    classes
        The `metadata` of the cluster's storage classes.
    wanted
        The class of the settings; empty for the default one.
    """
    consequence = (
        "No server starts: its home directory waits for a volume for ever. Mark a "
        "class as default, or name one in config.storage.storageClass."
    )
    return _storage("storage class", classes, wanted, consequence)


def share_storage(classes: Iterable[Mapping[str, object]], wanted: str) -> Item:
    """Judge whether the sharing service gets a volume.

    Parameters
    ----------
    classes
        The `metadata` of the cluster's storage classes.
    wanted
        The class of the values; empty for the default one.
    """
    consequence = (
        "The sharing service waits for its volume for ever. Mark a class as default, "
        "or name one in sharing.storage.storageClass."
    )
    return _storage("storage class of shares", classes, wanted, consequence)


def _storage(
    name: str, classes: Iterable[Mapping[str, object]], wanted: str, consequence: str
) -> Item:
    """Judge whether a class that is wanted is there."""
    found = {str(it.get("name")): it.get("annotations") for it in classes}
    defaults = [
        one
        for one, notes in found.items()
        if isinstance(notes, Mapping) and notes.get(DEFAULT_CLASS) == "true"
    ]
    is_there = wanted in found if wanted else bool(defaults)
    lacking = f"{wanted or 'a default one'} is not there"
    fact = (wanted or defaults[0]) if is_there else lacking
    return Item(name, is_there, fact, consequence)


def security(namespace: str, labels: Mapping[str, object]) -> Item:
    """Judge the release's namespace.

    Returns
    -------
    Item
        Good when it enforces the level `restricted`.
    """
    level = str(labels.get(LEVEL, "none"))
    return Item(
        f"security level of {namespace}",
        level == "restricted",
        level,
        "Whoever may create pods in this namespace can take over the node, and the "
        f"hub's keys with it. kubectl label namespace {namespace} {LEVEL}=restricted",
    )


def rights(allowed: Mapping[Right, bool]) -> tuple[Item, ...]:
    """Judge the hub's rights.

    Parameters
    ----------
    allowed
        What was asked for, and whether it is allowed.

    Returns
    -------
    tuple of Item
        One for what is missing, one for what is too much.
    """
    missing = [it for it in NEEDED if not allowed.get(it, False)]
    beyond = [it for it in TOO_MUCH if allowed.get(it, True)]
    return (
        Item(
            "the hub's rights suffice",
            not missing,
            _told(missing) or "all are there",
            "Servers do not start. Install the chart with an account that may make "
            "ClusterRoles and bind them.",
        ),
        Item(
            "the hub has no other rights",
            not beyond,
            _told(beyond) or "none was found",
            "Who breaks into the hub gets these. Look for bindings of its service "
            "account, or of all service accounts, that the chart did not make.",
        ),
    )


def confinement(status: int, message: str) -> Item:
    """Judge the answer to a write that the hub must not do.

    Parameters
    ----------
    status
        Of an attempt (dry run) to write in the release's own namespace.

    Returns
    -------
    Item
        Good when an admission policy refused it, and not merely a missing right.
    """
    is_refused = status >= REFUSED and POLICY in message
    return Item(
        "admission policies confine the hub",
        is_refused,
        "they do" if is_refused else f"answer {status} {message[:120]}".strip(),
        "Who breaks into the hub writes in every namespace. ValidatingAdmissionPolicy "
        "needs Kubernetes 1.30, and must not be switched off.",
    )


def hosts(host: str, own: Collection[str], theirs: Collection[str]) -> Item:
    """Judge whether the users' host names lead to the service.

    Parameters
    ----------
    host
        The service's own host name.
    theirs
        Those of a name below it that is not in use.

    Returns
    -------
    Item
        At most a note: browsers may ask other name servers than the cluster.
    """
    name, seen = f"*.{host}", ", ".join(sorted(theirs))
    if not own and not theirs:
        fact = f"neither {host} nor {name} is known to the cluster's name servers"
    elif not theirs:
        fact = f"{name} does not resolve, and {host} does"
    elif not own or set(own) & set(theirs):
        return Item("users' host names", is_good=True, fact=f"{name} is {seen}")
    else:
        fact = f"{name} is {seen}, and {host} is {', '.join(sorted(own))}"
    return Item(
        "users' host names",
        is_good=True,
        fact=fact,
        consequence="Servers start and no browser reaches them, where browsers see the "
        f"same. Look there (nslookup any.{host}), and make a DNS record {name} that "
        f"leads where that of {host} does.",
        is_note=True,
    )


def processes(count: int | None) -> Item:
    """Judge how many processes one pod may have.

    Parameters
    ----------
    count
        How many it got; ``None`` when nothing kept it from `MOST_PROCESSES`.

    Returns
    -------
    Item
        Good when there is a limit, and Spark has room within it.
    """
    if count is None:
        fact = f"more than {MOST_PROCESSES}: there is no limit, or one that is too high"
    else:
        fact = str(count)
    consequence = (
        "One user's pod can use up the node's processes, and everything else on that "
        "node then fails to start programs."
        if count is None
        else "Java and Spark need several hundred threads, each of which counts: cells "
        "fail with “unable to create native thread”."
    )
    return Item(
        "processes and threads of a user's pod",
        count is not None and count >= LEAST_PROCESSES,
        fact,
        f"{consequence} Set podPidsLimit: {ADVISED_PROCESSES} in the kubelet's "
        "configuration of the nodes for users' pods (KubeletConfiguration), or what "
        "your provider of clusters calls it.",
    )


def report(items: Sequence[Item]) -> str:
    """Write what was found.

    Parameters
    ----------
    items
        In the order of the report.

    Returns
    -------
    str
        A line for each; below a note or one that is not good what follows from it.
    """
    lines = []
    for it in items:
        verdict = "see" if it.is_note else "ok " if it.is_good else "RED"
        lines.append(f"{verdict} {it.name}: {it.fact}")
        if it.is_note or not it.is_good:
            lines.append(f"      {it.consequence}")
    return "\n".join(lines)


def _told(some: Iterable[Right]) -> str:
    """Name rights in one line."""
    return ", ".join(f"{it.verb} {it.resource}" for it in some)
