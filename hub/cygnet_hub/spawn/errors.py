"""How a spawner reports a failed start to JupyterHub and, through it, to the pages."""

from jupyterhub.spawner import SpawnException
from tornado.web import HTTPError

from cygnet_hub.spawn.failure import Failure


class StartFailure(SpawnException):
    """A start that failed, with what the pages show of it."""

    def __init__(self, why: Failure) -> None:
        super().__init__(f"{why.reason} {why.remedy}", reason="start", status_code=503)
        self.why = why
        # The pages and the progress stream of JupyterHub look for this name.
        self.jupyterhub_message = self.message


class FormError(HTTPError):
    """A form that was not accepted; the form itself shows why."""

    def __init__(self) -> None:
        # Not "message": the page of JupyterHub looks for this name.
        self.jupyterhub_message = "Nothing was started. See the marked fields."
        super().__init__(400, self.jupyterhub_message)
