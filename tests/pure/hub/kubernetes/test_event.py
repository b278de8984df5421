from typing import Any

from cygnet_hub.kubernetes import event
from cygnet_hub.kubernetes.event import Event
from hypothesis import given
from hypothesis import strategies as st


def pod_event(reason: str, message: str = "", **more: Any) -> Event:  # noqa: ANN401 - Any field.
    values = {"kind": "Pod", "name": "server-ada", "is_warning": False, "count": 1}
    return Event(
        reason, message, **{**values, "last": "2026-01-01", "uid": "u", **more}
    )


def test_events_are_reported_in_the_order_of_time_and_once() -> None:
    steps = event.steps(
        [
            pod_event("Started", last="4"),
            pod_event("Scheduled", last="1"),
            pod_event("Pulled", last="2"),
            pod_event("Pulled", last="3"),
        ]
    )

    assert [it.progress for it in steps] == [30, 55, 70]
    assert steps[0].message == "A machine was found for your server."


def test_unknown_warning_is_passed_on_and_unknown_news_is_not() -> None:
    news, warning = (
        pod_event("Odd", "news"),
        pod_event("Odd", "w" * 300, is_warning=True),
    )
    (step,) = event.steps([news, warning])

    assert step.message.startswith("Kubernetes says: www")
    assert step.message.endswith("…")


@given(st.lists(st.sampled_from(["Scheduled", "Pulling", "Pulled", "Started", "Odd"])))
def test_progress_never_goes_back(reasons: list[str]) -> None:
    events = [pod_event(it, "m", last=f"{i:03}") for i, it in enumerate(reasons)]
    found = [it.progress for it in event.steps(events)]

    assert found == sorted(found)
    assert all(0 < it < 100 for it in found)


@given(st.recursive(st.none() | st.text(), lambda it: st.dictionaries(st.text(), it)))
def test_any_event_can_be_read(raw: object) -> None:
    raw = raw if isinstance(raw, dict) else {"message": raw}

    assert event.parse(raw).count == 1
