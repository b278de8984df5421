"""What can go wrong on Kubernetes alone.

HubError
├── ProviderError      login links are of no use here
├── KubernetesError    the Kubernetes API refused something
├── OutageError        the Kubernetes API does not answer
└── UnseenError        the Kubernetes API does not list something
"""

from collections.abc import Mapping

from cygnet_hub.errors import HubError


class ProviderError(HubError):
    """People log in at an identity provider, so login links are of no use."""

    def __init__(self, label: str) -> None:
        super().__init__(
            f"People log in to this service at {label}, not by links",
            "open the service's address in a browser",
        )


class KubernetesError(HubError):
    """The Kubernetes API refused something."""

    def __init__(self, status: int, message: str) -> None:
        super().__init__(
            f"Kubernetes refused: {message.rstrip('.')}", "read what it says"
        )
        self.status = status
        self.message = message


class OutageError(HubError):
    """The Kubernetes API does not answer."""

    def __init__(self, detail: str) -> None:
        super().__init__(f"Kubernetes does not answer ({detail})", "try again later")
        self.detail = detail


class UnseenError(HubError):
    """The Kubernetes API does not list something."""

    def __init__(self, status: int, answer: Mapping[str, object]) -> None:
        super().__init__(
            f"Kubernetes lists nothing ({status} {answer.get('message') or ''})",
            "look at the rights of the hub's account",
        )
        self.status = status
        self.answer = answer
