from collections.abc import Sequence
from fractions import Fraction

import pytest
from cygnet_hub.kubernetes import choice, offer, quantity
from cygnet_hub.kubernetes.choice import PodChoice
from cygnet_hub.kubernetes.settings import (
    ClusterOffer,
    ImageOffer,
    Quota,
    SizeOffer,
)
from cygnet_hub.spawn.field import FormOption, Named
from pydantic import ValidationError

from tests.support.offered import beside, offered, settings

SIZE = SizeOffer(name="s", label="S", cpu="2", memory="4Gi")
EXECUTORS = ClusterOffer(name="k", label="K", type="kubernetes", max_executors=4)


def closed(entries: Sequence[FormOption[Named]]) -> dict[str, str]:
    return {it.item.name: it.reason for it in entries if not it.is_open}


def test_default_settings_offer_something_to_each_user() -> None:
    bare = type(settings())(release=settings().release)

    found = offer.offers(bare, frozenset())

    for entries in (found.images, found.sizes, found.clusters, found.openings):
        assert entries
        assert all(it.is_open for it in entries)
    assert isinstance(choice.form(found).parse({}), PodChoice)


def test_what_is_for_other_groups_is_shown_with_the_reason() -> None:
    found = offered("ml")

    assert closed(found.images) == {}
    assert closed(found.sizes) == {"gpu": "Only for members of the group astro."}
    assert closed(offered().images) == {
        "torch": "Only for members of the groups astro or ml."
    }
    assert closed(offered("astro").sizes) == {}


def test_opening_of_the_site_is_an_address_in_jupyterlab() -> None:
    found = offered("class")

    assert found.openings[0].item.url == "/lab/tree/course/week%201.ipynb"
    assert [it.item.name for it in found.openings] == [
        "week1",
        "flights",
        "examples",
        "launcher",
        "workspace",
    ]


@pytest.mark.parametrize("path", ["/etc", "../x", "a/../b", "a//b", ".ssh", "", "a/"])
def test_opening_outside_the_home_directory_is_refused(path: str) -> None:
    with pytest.raises(ValidationError):
        settings(openings=[{"name": "a", "label": "A", "path": path}])


@pytest.mark.parametrize(
    ("size", "quota", "reason"),
    [
        ({"cpu": "9"}, {"cpu": "8"}, "Larger than your quota of 8 CPUs."),
        (
            {"memory": "2Gi"},
            {"memory": "1500Mi"},
            "Larger than your quota of 1.5 GiB of memory.",
        ),
        (
            {"disk": "2Gi"},
            {"disk": "1Gi"},
            "Larger than your quota of 1 GiB of the nodes' disk.",
        ),
        ({}, {"pods": 0}, "Your quota has no room for a server."),
        (
            {"resources": {"x.org/gpu": 2}},
            {"resources": {"x.org/gpu": 1}},
            "Your quota has 1 of x.org/gpu, not 2.",
        ),
        ({"resources": {"x.org/gpu": 2}}, {}, None),
        ({"cpu": "8"}, {"cpu": "8"}, None),
    ],
)
def test_size_beyond_the_quota_is_closed(
    size: dict[str, object], quota: dict[str, object], reason: str | None
) -> None:
    found = offered(sizes=[{"name": "s", "label": "S", **size}], quota=quota)

    assert closed(found.sizes) == ({"s": reason} if reason else {})


def test_servers_that_run_take_from_the_quota() -> None:
    found = beside("small", "small")

    left = "Your other servers leave 4 CPUs, 8 GiB and 18 pods of your quota."
    assert closed(found.sizes)["large"] == left
    assert closed(found.sizes)["whole"] == left
    assert "small" not in closed(found.sizes)
    assert "With “Small”, your quota has room for 2." in found.clusters[1].notes
    assert (found.left.cpu, found.quota.cpu) == ("4000m", "8")


def test_nothing_is_left_of_less_than_nothing() -> None:
    gpu = {"name": "gpu", "label": "G", "resources": {"x.org/gpu": 1}}
    quota = {"cpu": "1", "memory": "1Gi", "pods": 1, "resources": {"x.org/gpu": 1}}

    found = beside("gpu", "gpu", sizes=[gpu], quota=quota)

    assert found.left.cpu == "0m"
    assert found.left.pods == 0


def test_scarce_device_that_is_in_use_is_named() -> None:
    gpu = {"name": "gpu", "label": "G", "resources": {"x.org/gpu": 1}}

    found = beside("gpu", sizes=[gpu], quota={"resources": {"x.org/gpu": 1}})

    assert "; 0 of x.org/gpu of your quota." in closed(found.sizes)["gpu"]


def test_servers_that_run_take_from_the_disk() -> None:
    size = {"name": "s", "label": "S", "disk": "6Gi"}

    found = beside("s", sizes=[size], quota={"disk": "10Gi"})

    assert "; 4 GiB of disk of your quota." in closed(found.sizes)["s"]


@pytest.mark.parametrize(
    ("image", "cluster", "does_fit"),
    [
        ("4.3", (), True),
        ("4.3", ("4",), True),
        ("4.3", ("4.3.1",), True),
        ("4.3.1", ("3.5", "4.3"), True),
        ("4.3", ("4.30",), False),
        ("3.5", ("4",), False),
    ],
)
def test_versions_fit_as_far_as_they_are_written(
    image: str, cluster: tuple[str, ...], *, does_fit: bool
) -> None:
    chosen = ImageOffer(name="i", label="I", spark=image)
    place = ClusterOffer(name="c", label="C", type="local", spark=cluster)

    assert offer.does_spark_fit(chosen, place) is does_fit


def test_cluster_that_fits_no_image_of_the_person_is_closed() -> None:
    clusters = [{"name": "c", "label": "C", "type": "local", "spark": ["2.4", "2.3"]}]

    assert closed(offered(clusters=clusters).clusters) == {
        "c": "None of your images has Spark 2.4 or 2.3."
    }


@pytest.mark.parametrize(
    ("quota", "count"),
    [
        ({}, 4),
        ({"cpu": "5"}, 3),
        ({"memory": "6Gi"}, 1),
        ({"pods": 3}, 2),
        ({"executors": 3}, 3),
        ({"disk": "25Gi"}, 1),
        ({"cpu": "1"}, 0),
        ({"memory": "0"}, 0),
    ],
)
def test_executors_fit_next_to_a_server(quota: dict[str, object], count: int) -> None:
    given = Quota.model_validate(quota)

    assert offer.executor_room(SIZE, EXECUTORS, given) == count
    assert offer.is_room(SIZE, EXECUTORS, given) is (count > 0)


@pytest.mark.parametrize(
    ("heap", "pod"), [("512m", 512 + 384), ("10g", 14 * 1024), ("1g", 1433.6)]
)
def test_executor_has_sparks_overhead(heap: str, pod: float) -> None:
    cluster = EXECUTORS.model_copy(update={"executor_memory": heap})

    assert float(offer.executor_memory(cluster) / 2**20) == pod


def test_form_shows_what_fits_before_anything_is_chosen() -> None:
    (_, executors) = offered().clusters
    (_, everything) = offered(quota={}).clusters

    assert executors.notes == (
        "Up to 4 executors next to the server, each with 1 core and 1 GiB of memory.",
        "Works with “Python and Spark” and “PyTorch”.",
        "With “Large”, your quota has room for 1.",
        "With “All of it”, your quota has room for none.",
    )
    assert not any("quota" in it for it in everything.notes)


@pytest.mark.parametrize(
    ("text", "number"),
    [
        ("500m", Fraction(1, 2)),
        ("2", Fraction(2)),
        ("0.5", Fraction(1, 2)),
        ("4Gi", Fraction(4 * 2**30)),
        ("1M", Fraction(10**6)),
        ("1.5Ti", Fraction(3 * 2**39)),
    ],
)
def test_quantity_is_read_exactly(text: str, number: Fraction) -> None:
    assert quantity.parse(text) == number


@pytest.mark.parametrize("text", ["", "Gi", "4gi", "4mi", "1x", "4im"])
def test_what_is_no_quantity_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match=r".*"):
        quantity.parse(text)


def test_quantities_are_written_for_people() -> None:
    assert quantity.memory_words(2**30 * 4) == "4 GiB"
    assert quantity.memory_words(2**20 * 1536) == "1.5 GiB"
    assert quantity.memory_words(2**20 * 512) == "512 MiB"
    assert quantity.cpu_words(1) == "1 CPU"
    assert quantity.cpu_words(Fraction(1, 4)) == "0.25 CPUs"
