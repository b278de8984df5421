import socket
from pathlib import Path

from cygnet_hub.local import port
from cygnet_hub.local.settings import Settings
from cygnet_hub.service import doctor
from cygnet_hub.service.doctor import Finding

GIB = 2**30


def examined(tmp_path: Path, **values: object) -> dict[str, Finding]:
    places = {"data_dir": tmp_path / "data", "root_dir": tmp_path}
    chosen = Settings.model_validate({"port": port.any_free()} | places | values)
    return {it.subject: it for it in doctor.examine(chosen)}


def test_fresh_machine_is_ready_and_stays_untouched(tmp_path: Path) -> None:
    found = examined(tmp_path)

    assert {name for name, it in found.items() if not it.is_good} <= {"Disk"}
    named = {"Python", "Disk", "Port", "Proxy", "Sharing", "PySpark", "Java"}
    assert set(found) >= named
    assert list(tmp_path.iterdir()) == []


def test_every_fault_has_a_remedy_and_hides_no_other(tmp_path: Path) -> None:
    (tmp_path / "data").touch()

    found = examined(tmp_path, root_dir=tmp_path / "none", data_dir=tmp_path / "data")

    for name in ("Directories", "Data directory"):
        assert not found[name].is_good
        assert str(found[name]).startswith("fault  ")
        assert found[name].remedy
    assert found["Proxy"].is_good


def test_taken_port_is_no_fault(tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as other:
        taken = other.getsockname()[1]
        found = examined(tmp_path, port=taken)

    assert found["Port"].is_good
    assert f"{taken} is taken" in found["Port"].fact


def test_half_made_environment_is_a_fault(tmp_path: Path) -> None:
    (tmp_path / "data" / "kernels" / "python").mkdir(parents=True)

    found = examined(tmp_path)

    assert "half-made" in found["PySpark"].fact
    assert "cygnet up" in found["PySpark"].remedy


def test_sharing_that_is_switched_off_is_no_fault(tmp_path: Path) -> None:
    assert "switched off" in examined(tmp_path, sharing=False)["Sharing"].fact
    assert examined(tmp_path, sharing=False)["Sharing"].is_good


def test_room_is_judged() -> None:
    assert doctor.room(4 * GIB, 3 * GIB).is_good
    assert "3.0 GiB" in doctor.room(1 * GIB, 3 * GIB).remedy
