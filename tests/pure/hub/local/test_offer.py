from pathlib import Path

import pytest
from cygnet_hub.local import choice, machine, offer
from cygnet_hub.local.choice import LocalChoice
from cygnet_hub.local.machine import Machine
from cygnet_hub.local.memory import Memory
from cygnet_hub.local.offer import MachineOffers
from cygnet_hub.local.settings import Settings
from cygnet_hub.spawn.landing import FLIGHTS, FOLDER, LAUNCHER, WORKSPACE

LAPTOP = Machine(
    cores=8, memory_mib=15_800, examples=frozenset({"flights.ipynb", "bundles"})
)


def offers(machine: Machine = LAPTOP, **settings: object) -> MachineOffers:
    return offer.offers(Settings.model_validate(settings), machine)


def test_catalog_proposes_the_example_and_all_cores() -> None:
    offered = offers()

    assert offered.opens is FLIGHTS
    assert [opening.name for opening in offered.openings] == [
        "flights",
        "examples",
        "launcher",
        "workspace",
    ]
    assert (offered.cores, offered.max_cores) == (8, 8)
    assert (str(offered.memory), str(offered.max_memory)) == ("2g", "15g")


def test_catalog_without_examples_offers_none() -> None:
    offered = offers(Machine(2, 4096, frozenset()))

    assert offered.opens is LAUNCHER
    assert offered.openings == (LAUNCHER, WORKSPACE)


def test_catalog_with_other_files_offers_the_folder_alone() -> None:
    offered = offers(Machine(2, 4096, frozenset({"mine.ipynb"})))

    assert offered.openings[0] is FOLDER
    assert offered.opens is LAUNCHER


def test_settings_are_proposed_as_far_as_the_machine_has_them() -> None:
    modest = offers(spark_cores=4, spark_memory="1g")
    assert (modest.cores, str(modest.memory)) == (4, "1g")

    greedy = offers(Machine(2, 1500, frozenset()), spark_cores=64, spark_memory="99g")
    assert (greedy.cores, str(greedy.memory)) == (2, "1g")

    tiny = offers(spark_memory="64m")
    assert str(tiny.memory) == "512m"


def test_machine_with_less_than_spark_needs_still_has_offers() -> None:
    offered = offers(Machine(1, 256, frozenset()))

    assert str(offered.max_memory) == str(offered.min_memory) == "512m"
    assert choice.form(offered).parse({}) == LocalChoice(
        offered.opens, offered.cores, offered.memory
    )


def test_measure_finds_examples_and_survives_their_absence(tmp_path: Path) -> None:
    assert machine.measure(tmp_path).examples == frozenset()

    (tmp_path / "examples").mkdir()
    (tmp_path / "examples" / "flights.ipynb").touch()
    measured = machine.measure(tmp_path)

    assert measured.examples == {"flights.ipynb"}
    assert measured.cores >= 1
    assert measured.memory_mib > 64


@pytest.mark.parametrize(
    ("text", "spark"),
    [
        ("512m", "512m"),
        ("2g", "2g"),
        (" 2 GB ", "2g"),
        ("2GiB", "2g"),
        ("1.5g", "1536m"),
        ("1,5g", "1536m"),
        ("1024M", "1g"),
        ("0m", "0m"),
    ],
)
def test_memory_reads_what_people_write(text: str, spark: str) -> None:
    assert str(Memory.parse(text)) == spark


@pytest.mark.parametrize("text", ["", "2", "g", "-1g", "2t", "2g!", "1e3m", "２g"])  # noqa: RUF001 - A full-width digit is meant.
def test_memory_refuses_what_is_no_amount(text: str) -> None:
    with pytest.raises(ValueError, match=r".*"):
        Memory.parse(text)
