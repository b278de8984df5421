from cygnet_share.tree import EmptyFolder, Entry, File
from cygnet_share.viewer.folder import Row, body, is_folder, rows

TREE: dict[str, Entry] = {
    "b.txt": File(2_000, ("0" * 64,)),
    "A #1?.txt": File(1, ("0" * 64,)),
    "data/x/1.csv": File(1, ("0" * 64,)),
    "data/2.csv": File(1, ("0" * 64,)),
    "out": EmptyFolder(),
}


def test_folder_lists_folders_first() -> None:
    assert rows(TREE, "") == [
        Row("data/", "data/", "2 files"),
        Row("out/", "out/", "0 files"),
        Row("A #1?.txt", "A%20%231%3F.txt", "1 byte"),
        Row("b.txt", "b.txt", "2.0 kB"),
    ]
    assert [it.label for it in rows(TREE, "data")] == ["x/", "2.csv"]
    assert rows(TREE, "out") == []


def test_folder_is_known_by_what_is_in_it() -> None:
    assert all(is_folder(TREE, it) for it in ("", "data", "data/x", "out"))
    assert not any(is_folder(TREE, it) for it in ("b.txt", "dat", "data/2.csv", "x"))


def test_name_is_text_and_no_address_of_another_place() -> None:
    hostile = {
        "<script>alert(1)</script>": TREE["b.txt"],
        "javascript:alert(1)": TREE["b.txt"],
    }

    found = body(hostile, "")

    assert "<script" not in found
    assert 'href="./javascript%3Aalert%281%29"' in found
