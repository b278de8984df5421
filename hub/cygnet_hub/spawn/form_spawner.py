"""The spawn options form of a spawner: fill in, validate, remember the last choice.

The same on one machine and on Kubernetes: an address can fill the form in, a wrong form
is refused with every problem, and the last choice is proposed the next time. Which
fields there are is the subclass's decision.
"""

from abc import abstractmethod
from collections.abc import Collection, Mapping, Sequence
from typing import Any, Generic

from tornado.web import HTTPError
from traitlets import default

from cygnet_hub.spawn import rendering, rescue
from cygnet_hub.spawn.errors import FormError
from cygnet_hub.spawn.options_form import Chosen, OptionsForm, SpawnChoice
from cygnet_hub.spawn.problem import FieldProblem, Refusal
from cygnet_hub.spawn.reporting_spawner import ReportingSpawner
from cygnet_hub.spawn.rescue import Start


class FormSpawner(ReportingSpawner, Generic[Chosen]):
    """The part of a spawner that has the form.

    Notes
    -----
    Name it before JupyterHub's class, which refuses subclasses that cannot start.
    """

    handler: Any
    """The request for the page, as JupyterHub sets it."""
    orm_spawner: Any
    """What is in JupyterHub's database about the server."""
    default_url: str
    """What is shown first."""

    chosen: Chosen | None
    """What the server is started with, once it was applied."""
    own: Start
    """What of the owner's settings, packages and kernels the server sees."""
    moved: tuple[str, ...] = ()
    """What a reset of them moves aside; none where there is no reset."""

    def __init__(self, **kwargs: object) -> None:
        self.chosen = None
        self.own = Start.USUAL
        self._refused: tuple[Refusal, Start, OptionsForm[Chosen]] | None = None
        super().__init__(**kwargs)

    @property
    @abstractmethod
    def form(self) -> OptionsForm[Chosen]:
        """What is offered to the server's owner now."""

    def take(self, chosen: Chosen) -> None:
        """Take what was chosen for the start that follows."""
        self.chosen = chosen
        self.default_url = chosen.opens.url

    async def get_options_form(self) -> str:
        """Render the form: a refused one again, one filled by a link, or the last."""
        if self._refused is not None:
            refused, self._refused = self._refused, None
            return self._render(*refused)
        form = self.form
        last = form.remembered(self.orm_spawner.user_options or {})
        query = self._query({*form.names, rescue.FIELD})
        if not query:
            return self._render(last, Start.USUAL, form)
        fields = {name: (value,) for name, value in _fields(last).items()}
        return self._render(*self._parse({**fields, **query}, form), form)

    def _parse(
        self, sent: Mapping[str, Sequence[str]], form: OptionsForm[Chosen]
    ) -> tuple[Chosen | Refusal, Start]:
        """Check a form with what all forms have."""
        start = rescue.read(sent)
        parsed = form.parse({k: v for k, v in sent.items() if k != rescue.FIELD})
        if start is Start.RESET and not self.moved:
            reason = "nothing is moved aside on one machine"
            start = FieldProblem(rescue.FIELD, reason, "choose a rescue start")
        if isinstance(start, Start):
            return parsed, start
        if isinstance(parsed, Refusal):
            return Refusal(parsed.fields, (*parsed.problems, start)), Start.USUAL
        return Refusal(parsed.fields(), (start,)), Start.USUAL

    def _render(
        self, asked: Chosen | Refusal, start: Start, form: OptionsForm[Chosen]
    ) -> str:
        """Lay out a form with what all forms have."""
        if isinstance(asked, Refusal):
            mine = tuple(it for it in asked.problems if it.field != rescue.FIELD)
            about = [it for it in asked.problems if it.field == rescue.FIELD]
        else:
            mine, about = (), []
        html = rendering.render(form.parts, _fields(asked), mine)
        is_open = self.failure is not None and self.failure.is_own
        fields = {rescue.FIELD: start}
        return html + rendering.render_start(fields, self.moved, about, is_open=is_open)

    def _query(self, names: Collection[str]) -> dict[str, tuple[str, ...]]:
        """Return the fields that the page's address fills in."""
        if self.handler is None:
            return {}
        # JupyterHub's newer links write opt-image for image; both mean the same here,
        # and what the form does not have, e.g. "next", is not the form's.
        arguments = {
            key.removeprefix("opt-"): tuple(v.decode(errors="replace") for v in values)
            for key, values in self.handler.request.query_arguments.items()
        }
        return {key: v for key, v in arguments.items() if key in names}

    @default("options_from_form")
    def _default_options_from_form(self) -> object:
        return self._read_form

    def _read_form(self, data: Mapping[str, Sequence[str]]) -> dict[str, str]:
        """Check a form that was sent; JupyterHub remembers what is returned."""
        form = self.form
        # The page's own token is part of every form, and no choice.
        parsed, start = self._parse(
            {k: v for k, v in data.items() if k != "_xsrf"}, form
        )
        if isinstance(parsed, Refusal):
            self._refused = parsed, start, form
            raise FormError
        # The usual start is not written down, nor is another one proposed again.
        unusual = {} if start is Start.USUAL else {rescue.FIELD: start.value}
        return {**parsed.fields(), **unusual}

    def options_from_query(self, query_data: object) -> dict[str, str]:
        """Refuse to start from an address: `handlers.FormPage` fills the form."""
        del query_data
        raise HTTPError(405, "A link never starts a server.")

    @default("apply_user_options")
    def _default_apply_user_options(self) -> object:
        return FormSpawner._apply

    def _apply(self, options: Mapping[str, object]) -> None:
        """Take what was chosen, which the REST API brings unchecked."""
        parsed, self.own = self._parse(
            {k: (str(v),) for k, v in options.items()}, self.form
        )
        if isinstance(parsed, Refusal):
            listed = "; ".join(f"{p.reason}: {p.remedy}" for p in parsed.problems)
            raise HTTPError(400, f"Nothing was started: {listed}.")
        self.take(parsed)


def _fields(asked: SpawnChoice | Refusal) -> Mapping[str, str]:
    """Return what the form shows."""
    return asked.fields if isinstance(asked, Refusal) else asked.fields()
