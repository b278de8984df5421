from cygnet_share.tree import EmptyFolder, File, Tree
from cygnet_share.tree_diff import Change, compare

ONE, TWO = File(1, ("1" * 64,)), File(2, ("2" * 64,))
EMPTY = File(0, ())


def found(before: Tree, after: Tree) -> list[tuple[str, str, str | None]]:
    return [(it.path, it.kind, it.from_path) for it in compare(before, after)]


def test_each_path_is_named_by_what_became_of_it() -> None:
    before = {"a": ONE, "b": ONE, "c/d": TWO, "same": ONE}
    after = {"a": TWO, "new": EMPTY, "x/d": TWO, "same": ONE}

    assert found(before, after) == [
        ("a", "changed", None),
        ("b", "removed", None),
        ("new", "added", None),
        ("x/d", "moved", "c/d"),
    ]


def test_copy_is_no_move_and_each_file_moves_once() -> None:
    assert found({"a": ONE}, {"a": ONE, "b": ONE}) == [("b", "added", None)]
    assert found({"a": ONE, "b": ONE}, {"c": ONE}) == [
        ("b", "removed", None),
        ("c", "moved", "a"),
    ]


def test_empty_files_and_folders_do_not_move() -> None:
    before: Tree = {"a": EMPTY, "f": EmptyFolder()}

    assert {kind for _, kind, _ in found(before, {"b": EMPTY, "g": EmptyFolder()})} == {
        Change.ADDED,
        Change.REMOVED,
    }
    assert found({"a": ONE}, {"a": File(1, ONE.chunks, executable=True)}) == [
        ("a", "changed", None)
    ]


def test_many_files_of_one_content_are_matched_in_order() -> None:
    before = {f"a{it:04}": ONE for it in range(5_000)}
    after = {f"b{it:04}": ONE for it in range(5_000)}

    moved = found(before, after)

    assert moved[17] == ("b0017", "moved", "a0017")
    assert len(moved) == 5_000
