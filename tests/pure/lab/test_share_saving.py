from pathlib import Path

import pytest
from cygnet_lab.share.errors import SavingError
from cygnet_lab.share.folder import Folder
from cygnet_lab.share.plan import Plan
from cygnet_lab.share.saving import SECONDS, Saving
from cygnet_lab.share.write import WRITABLE, Writer
from cygnet_share.tree import File


def test_file_is_written_only_while_no_page_saves_it() -> None:
    now = [0.0]
    saving = Saving(lambda: now[0])
    hold = saving.of("Shared/ann/a")
    path = "Shared/ann/a/n.ipynb"

    saving.begin(path, "one")
    saving.begin(path, "two")
    saving.end(path, "one")
    with pytest.raises(SavingError, match=r"“n\.ipynb”"), hold("n.ipynb"):
        pass
    with hold("other.ipynb"):
        pass
    saving.end(path, "two")
    with hold("n.ipynb"):
        pass

    saving.begin(path, "that is closed")
    now[0] = SECONDS
    with hold("n.ipynb"):
        pass


@pytest.mark.parametrize(
    "plan",
    [
        Plan(removals=("n",)),
        Plan(moves={"n": "other"}),
        Plan(puts={"n": File(1, ("0" * 64,))}),
    ],
    ids=lambda _: "",
)
def test_nothing_happens_to_a_file_that_a_page_saves(
    plan: Plan, tmp_path: Path
) -> None:
    (tmp_path / "n").write_bytes(b"1")
    saving = Saving()
    saving.begin("a/n", "page")

    with Folder.open(tmp_path, "") as folder:
        writer = Writer(folder, {}, WRITABLE, saving.of("a"))
        with pytest.raises(SavingError):
            writer.apply(plan)

    assert (tmp_path / "n").read_bytes() == b"1"
    assert not (tmp_path / "other").exists()
