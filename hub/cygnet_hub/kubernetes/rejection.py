"""Why Kubernetes did not take an object of ours, in a user's words.

A decision without side effects: the API's message in, reason and remedy out.
"""

import re

from cygnet_hub.kubernetes import event
from cygnet_hub.spawn.failure import Failure

ASK = "Ask your administrator"
"""How remedies begin that a user cannot carry out."""
_QUOTA = re.compile(
    r"exceeded quota: ([^,]+), requested: (.+), used: (.+), limited: (.+?)\.?$"
)
_POLICY = re.compile(
    r"ValidatingAdmissionPolicy '([^']+)'.*? denied request: (.+)$", re.DOTALL
)
_WEBHOOK = re.compile(
    r'admission webhook "([^"]+)" denied the request:? ?(.*)$', re.DOTALL
)
_SECURITY = re.compile(r'violates PodSecurity "([^"]+)": (.+)$', re.DOTALL)


def of_refusal(message: str, what: str = "your server") -> Failure:
    """Explain why Kubernetes did not take an object.

    Parameters
    ----------
    what
        What was being made, as the reader calls it.

    Returns
    -------
    Failure
        Without a log.
    """
    if found := _QUOTA.search(message):
        return _over_quota(found[2], found[3], found[4], what)
    if found := _POLICY.search(message):
        why = event.shortened(found[2]).rstrip(".")
        remedy = f"{ASK} to look at that policy."
        if message.startswith("pods "):
            choose = "Choose another image or size. If that does not help,"
            remedy = f"{choose} {in_sentence(remedy)}"
        return Failure(
            f"A policy of the cluster ({found[1]}) does not allow {what}: {why}.",
            remedy,
        )
    if found := _WEBHOOK.search(message) or _SECURITY.search(message):
        why = event.shortened(found[2]).rstrip(".")
        return Failure(
            f"A rule of the cluster ({found[1]}) does not allow {what}: {why}.",
            f"{ASK} to look at that rule.",
        )
    if "is being terminated" in message:
        return Failure(
            "Your namespace is being deleted, so nothing can be made in it.",
            f"Try again in a minute. If that does not help, {in_sentence(ASK)}.",
        )
    return Failure(
        f"Kubernetes did not make {what}: {event.shortened(message)}",
        f"{ASK}; the hub's log says more.",
    )


def of_outage(detail: str) -> Failure:
    """Explain that the Kubernetes API did not answer.

    Returns
    -------
    Failure
        Without a log.
    """
    return Failure(
        f"Kubernetes does not answer the hub ({event.shortened(detail)}).",
        "Start again in a minute. Servers that run go on running meanwhile.",
    )


def in_sentence(text: str) -> str:
    """Use the beginning of a sentence inside one.

    Parameters
    ----------
    text
        E.g. `ASK`.

    Returns
    -------
    str
        With a small letter first.
    """
    return text[:1].lower() + text[1:]


def _over_quota(requested: str, used: str, limited: str, what: str) -> Failure:
    """Explain a quota; a quota of zero is nothing that waiting helps against."""
    amounts = dict(it.split("=", 1) for it in limited.split(",") if "=" in it)
    reason = (
        f"The quota of your namespace has no room for {what}: it needs {requested}, "
        f"{used} is in use and {limited} is allowed."
    )
    if any(amount.strip("mKMGTPi") == "0" for amount in amounts.values()):
        return Failure(
            reason, f"Nothing can start with a quota of zero. {ASK} to raise it."
        )
    return Failure(
        reason,
        "Choose a smaller size, or first stop another server of yours or its Spark "
        f"sessions. If that is not enough, {in_sentence(ASK)} to raise it.",
    )
