import html

import httpx
import pytest
from cygnet_hub.kubernetes import offer
from cygnet_hub.kubernetes.choice import PodChoice, form
from cygnet_hub.kubernetes.offer import Offers
from cygnet_hub.spawn import rendering
from cygnet_hub.spawn.landing import WORKSPACE
from cygnet_hub.spawn.problem import Refusal
from hypothesis import given
from hypothesis import strategies as st

from tests.support.offered import beside, offered
from tests.support.outline import Outline

OFFERED = offered("astro")
FIELDS = form(OFFERED).names
NAMES = st.one_of(
    st.sampled_from(
        [
            it.item.name
            for some in (OFFERED.images, OFFERED.sizes, OFFERED.clusters)
            for it in some
        ]
    ),
    st.sampled_from(["with", "without", "flights", ""]),
    st.text(),
)


def sent(**fields: str) -> dict[str, tuple[str, ...]]:
    return {name: (value,) for name, value in fields.items()}


def chosen(offers: Offers = OFFERED, **fields: str) -> PodChoice:
    parsed = form(offers).parse(sent(**fields))
    assert isinstance(parsed, PodChoice), parsed
    return parsed


def refused(offers: Offers = OFFERED, **fields: str) -> Refusal:
    parsed = form(offers).parse(sent(**fields))
    assert isinstance(parsed, Refusal)
    return parsed


def outline(page: str) -> Outline:
    return Outline(httpx.Response(200, text=page))


def test_form_becomes_a_choice() -> None:
    choice = chosen(
        image="torch",
        size="gpu",
        cluster="kubernetes",
        opens="workspace",
        packages="without",
    )

    assert choice.image.name == "torch"
    assert choice.size.resources == {"nvidia.com/gpu": 1}
    assert choice.cluster.type == "kubernetes"
    assert choice.opens is WORKSPACE
    assert choice.without_packages


def test_missing_fields_have_the_first_values_that_fit() -> None:
    assert chosen().fields() == {
        "image": "standard",
        "size": "small",
        "cluster": "local",
        "opens": "flights",
        "packages": "with",
    }
    assert chosen(cluster="kubernetes").size.name == "small"
    assert chosen(offered("class")).opens.name == "week1"


def test_proposal_keeps_to_what_fits() -> None:
    clusters = [
        {"name": "new", "label": "New", "type": "kubernetes", "spark": ["4.3"]},
        {"name": "old", "label": "Old", "type": "local", "spark": ["3.5"]},
    ]
    offers = offered(clusters=clusters)

    assert chosen(offers).cluster.name == "new"
    assert chosen(offers, image="older").cluster.name == "old"
    assert chosen(offers, size="whole").fields()["image"] == "older"


def test_all_problems_come_at_once_in_the_order_of_the_form() -> None:
    refusal = refused(
        packages="some", opens="vi", cluster="x", size="y", image="z", colour="red"
    )

    assert [it.field for it in refusal.problems] == [*FIELDS, "colour"]
    assert all(it.reason and it.remedy for it in refusal.problems)
    assert refusal.fields["image"] == "z"


def test_what_others_have_is_refused_with_the_reason() -> None:
    (problem,) = refused(offered(), image="torch").problems

    assert problem.field == "image"
    assert problem.reason == (
        "“PyTorch” is not available to you (only for members of the groups astro or ml)"
    )


def test_no_user_can_start_what_is_not_offered() -> None:
    images = [{"name": "a", "label": "A", "groups": ["staff"]}]

    (problem, *_) = refused(offered(images=images)).problems

    assert problem.field == "image"
    assert problem.remedy == "ask your administrator for access"


def test_spark_of_image_and_cluster_must_fit() -> None:
    (problem,) = refused(image="older", cluster="kubernetes").problems

    assert problem.field == "cluster"
    assert problem.reason == (
        "“Executors” works with Spark 4, and the image “Last year's” has 3.5"
    )
    assert problem.remedy == (
        "choose the image “Python and Spark”, the image “PyTorch” or "
        "“Inside the server” here"
    )


def test_quota_must_have_room_for_an_executor() -> None:
    (problem,) = refused(size="whole", cluster="kubernetes").problems

    assert problem.field == "size"
    assert "8 CPUs, 16 GiB and 20 pods" in problem.reason
    assert "no room for an executor of “Executors”" in problem.reason
    assert "the size “Small”" in problem.remedy
    assert chosen(size="whole").cluster.name == "local"


def test_what_other_servers_take_is_reported_with_the_remedy() -> None:
    taken = beside("large")
    (problem,) = refused(taken, size="small").problems
    assert problem.field == "size"
    assert "(your other servers leave 1 CPU, 2 GiB and 19 pods" in problem.reason
    assert problem.remedy == "stop another server of yours first"


def test_no_executor_fits_next_to_two_servers() -> None:
    taken = beside("small", quota={"cpu": "4", "memory": "16Gi"})

    (problem,) = refused(taken, size="small", cluster="kubernetes").problems

    assert problem.reason == (
        "with “Small” and your other servers, your quota of 4 CPUs, 16 GiB and 20 "
        "pods has no room for an executor of “Executors”"
    )


def test_both_misfits_are_reported_together() -> None:
    refusal = refused(size="whole", cluster="kubernetes", image="older")

    assert {it.field for it in refusal.problems} == {"size", "cluster"}


def test_last_choice_is_remembered() -> None:
    last = chosen(image="torch", size="gpu", packages="without", opens="launcher")

    assert form(OFFERED).remembered(last.fields()) == last


def test_remembered_choice_gives_way_where_it_no_longer_holds() -> None:
    last = chosen(image="torch", size="gpu", cluster="kubernetes", opens="launcher")

    kept = form(offered()).remembered({**last.fields(), "old": "x", "n": 3})

    assert isinstance(kept, PodChoice)
    assert kept.fields() == {
        "image": "standard",
        "size": "small",
        "cluster": "kubernetes",
        "opens": "launcher",
        "packages": "with",
    }


@given(st.dictionaries(st.one_of(st.sampled_from(FIELDS), st.text()), st.lists(NAMES)))
def test_any_form_is_answered(fields: dict[str, list[str]]) -> None:
    parsed = form(OFFERED).parse(fields)

    if isinstance(parsed, Refusal):
        assert parsed.problems
        assert all(it.reason and it.remedy for it in parsed.problems)
        assert set(parsed.fields) == set(FIELDS)
    else:
        assert offer.does_spark_fit(parsed.image, parsed.cluster)
        assert offer.is_room(parsed.size, parsed.cluster, OFFERED.quota)
        assert form(OFFERED).parse(sent(**parsed.fields())) == parsed


@given(st.dictionaries(st.sampled_from(FIELDS), NAMES), st.sampled_from(["astro", ""]))
def test_anything_remembered_can_be_started(fields: dict[str, str], group: str) -> None:
    offers = offered(group)

    kept = form(offers).remembered(fields)

    assert isinstance(kept, PodChoice)
    assert form(offers).parse(sent(**kept.fields())) == kept


def test_form_has_a_line_for_each_offer_and_marks_the_choice() -> None:
    page = rendering.render(form(offered()).parts, chosen(image="older").fields())

    for name in ("image", "size", "cluster"):
        assert f'id="{name}" role="radiogroup"' in page
    lines = [it for it in outline(page).fields if it.get("type") == "radio"]
    chosen_lines = [it["value"] for it in lines if "checked" in it]
    assert chosen_lines == ["older", "small", "local"]
    assert [it["value"] for it in lines if "disabled" in it] == ["torch", "gpu"]
    assert '<option value="week1" disabled>' in page
    assert len(lines) == 9
    assert "Only for members of the groups astro or ml." in page
    assert "aria-invalid" not in page


def test_form_shows_problems_next_to_their_fields() -> None:
    refusal = refused(offered(), image="torch", opens="vi", colour="red")

    page = rendering.render(form(offered()).parts, refusal.fields, refusal.problems)

    assert outline(page).invalid == ["image", "opens"]
    assert 'id="image-problem"' in page
    assert "There is no field “colour”" in page


def test_form_keeps_what_was_sent_as_text() -> None:
    nasty = '"><script>alert(1)</script>'
    refusal = refused(image=nasty, opens=nasty, packages=nasty)

    page = rendering.render(form(OFFERED).parts, refusal.fields, refusal.problems)

    assert "<script" not in page
    assert html.escape(nasty, quote=False)[:12] in page.replace("&#34;", '"')


@pytest.mark.parametrize("packages", ["with", "without"])
def test_box_shows_whether_packages_stay_away(packages: str) -> None:
    page = rendering.render(form(OFFERED).parts, chosen(packages=packages).fields())

    (box,) = [it for it in page.split("<input") if 'id="packages"' in it]
    assert ("checked" in box) is (packages == "without")
