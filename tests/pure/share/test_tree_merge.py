from collections.abc import Mapping

import pytest
from cygnet_share import path_rule
from cygnet_share.tree import EmptyFolder, File, Tree, patched
from cygnet_share.tree_merge import Kind, MergedTree, Versions, merge, with_copy
from hypothesis import given
from hypothesis import strategies as st


def tree(**contents: str) -> Tree:
    return of(contents)


def of(contents: Mapping[str, str]) -> Tree:
    return {path: file(text) for path, text in contents.items()}


def file(text: str, *, executable: bool = False) -> File:
    return File(len(text), (text,) if text else (), executable)


def kinds(found: MergedTree) -> list[tuple[Kind, str, str | None]]:
    return [(it.kind, it.path, it.other) for it in found.conflicts]


def test_each_side_s_change_is_kept() -> None:
    base = tree(a="a", b="b", c="c", d="d")

    found = merge(
        base, tree(a="mine", b="b", d="d"), tree(a="a", b="theirs", c="c", e="e")
    )

    assert found.tree == tree(a="mine", b="theirs", e="e")
    assert not found.conflicts


def test_file_that_both_changed_stays_mine_with_the_other_next_to_it() -> None:
    base, mine, theirs = ({"x/d.tar.csv": it} for it in ("a", "mine", "theirs"))

    found = merge(of(base), of(mine), of(theirs))

    copy = "x/d.tar (new version).csv"
    assert found.tree == of({**mine, copy: "theirs"})
    assert kinds(found) == [(Kind.BOTH_CHANGED, "x/d.tar.csv", copy)]
    assert merge(of(base), found.tree, of(theirs)).tree == found.tree


def test_name_of_a_copy_that_is_taken_is_counted_on() -> None:
    taken = {"d (new version)": "other", "d (new version 2)": "one more"}

    found = merge(of({"d": "a"}), of({"d": "b", **taken}), of({"d": "c"}))

    assert found.tree == of({"d": "b", **taken, "d (new version 3)": "c"})


@pytest.mark.parametrize(
    ("mine", "theirs", "kind"),
    [
        ({}, {"a": "new"}, Kind.DELETED_HERE),
        ({"a": "new"}, {}, Kind.DELETED_THERE),
    ],
)
def test_deleted_file_that_the_other_changed_is_there(
    mine: dict[str, str], theirs: dict[str, str], kind: Kind
) -> None:
    found = merge(tree(a="old"), of(mine), of(theirs))

    assert found.tree == tree(a="new")
    assert kinds(found) == [(kind, "a", None)]


def test_what_one_has_moved_and_the_other_changed_is_at_the_new_place() -> None:
    old, new = {"a": "text", "b": "b"}, {"sub/a": "text", "b": "b"}
    edited = {"a": "edited", "b": "b"}

    for mine, theirs in ((edited, new), (new, edited)):
        found = merge(of(old), of(mine), of(theirs))

        assert found.tree == of({"sub/a": "edited", "b": "b"})
        assert not found.conflicts


def test_notebook_that_both_changed_is_left_to_merge_by_cell() -> None:
    base, mine, theirs = ({"n.ipynb": it} for it in ("a", "mine", "theirs"))

    found = merge(of(base), of(mine), of(theirs))

    assert found.tree == of(mine)
    [versions] = found.notebooks
    assert versions == Versions("n.ipynb", file("a"), file("mine"), file("theirs"))
    copied = with_copy(found, versions)
    assert copied.tree == of({**mine, "n (new version).ipynb": "theirs"})
    assert kinds(copied) == [
        (Kind.BOTH_CHANGED, "n.ipynb", "n (new version).ipynb"),
    ]
    assert not copied.notebooks


@pytest.mark.parametrize(
    ("mine", "theirs", "expected"),
    [
        (["Data.csv"], ["data.csv"], "data (new version).csv"),
        (["x"], ["x/y"], "x (new version)/y"),
        (["x/y"], ["x"], "x (new version)"),
        (["Sub/a"], ["sub/b"], "Sub/b"),
        (["n" * 255], ["N" * 255], "N" * 241 + " (new version)"),
    ],
)
def test_names_that_clash_stand_next_to_each_other(
    mine: list[str], theirs: list[str], expected: str
) -> None:
    found = merge({}, of(dict.fromkeys(mine, "m")), of(dict.fromkeys(theirs, "t")))

    assert found.tree == of(dict.fromkeys(mine, "m") | {expected: "t"})
    assert kinds(found) == [(Kind.NAME_TAKEN, *theirs, expected)]


def test_permission_to_execute_merges_by_itself() -> None:
    found = merge(
        {"a": file("old")},
        {"a": file("old", executable=True)},
        {"a": file("new")},
    )

    assert found.tree == {"a": file("new", executable=True)}
    assert not found.conflicts


def test_empty_folder_is_kept_until_something_is_in_it() -> None:
    empty = {"out": EmptyFolder()}

    assert merge(empty, empty, {**empty, **tree(a="a")}).tree == {
        **empty,
        **tree(a="a"),
    }
    assert merge(empty, of({"out/x": "x"}), empty).tree == of({"out/x": "x"})
    assert merge({}, of({"out/x": "x"}), empty).tree == of({"out/x": "x"})
    assert merge(empty, {}, empty).tree == {}


PATHS = st.sampled_from(["a", "A", "a/b", "B/a", "b/a", "b/c/d", "n.ipynb", "c"])
TREES = st.dictionaries(PATHS, st.sampled_from(["", "1", "2", "3"])).map(
    lambda it: of(_without_clashes(it))
)


def _without_clashes(contents: Mapping[str, str]) -> dict[str, str]:
    kept: dict[str, str] = {}
    for path, text in contents.items():
        if not list(path_rule.clashes([*kept, path])):
            kept[path] = text
    return kept


def texts(found: Tree) -> set[object]:
    return {it for it in found.values() if isinstance(it, File)}


@given(TREES, TREES, TREES)
def test_laws_of_merging_folders(base: Tree, mine: Tree, theirs: Tree) -> None:
    found = merge(base, mine, theirs)
    whole = found
    for versions in found.notebooks:
        whole = with_copy(whole, versions)

    # Nothing that either side has written is lost.
    assert (texts(mine) | texts(theirs)) - texts(base) <= texts(whole.tree)
    # What is there can stand on a disk.
    assert list(path_rule.clashes(whole.tree)) == []
    # Again changes nothing.
    assert merge(theirs, whole.tree, theirs).tree == whole.tree
    assert not merge(theirs, whole.tree, theirs).conflicts


@given(TREES, TREES)
def test_change_of_one_side_alone_is_the_result(base: Tree, changed: Tree) -> None:
    assert merge(base, changed, base).tree == patched({}, dict(changed))
    assert merge(base, base, changed).tree == patched({}, dict(changed))
