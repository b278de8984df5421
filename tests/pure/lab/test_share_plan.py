from collections.abc import Mapping

from cygnet_lab.share.plan import Plan, between, for_end, for_viewer
from cygnet_share import path_rule
from cygnet_share.tree import EMPTY, EmptyFolder, Entry, File, Tree, patched
from hypothesis import assume, given
from hypothesis import strategies as st

NAMES = st.sampled_from(["a", "b", "A", "d", "a (mine)", "__x"])
PATHS = st.lists(NAMES, min_size=1, max_size=3).map("/".join)
FILES = st.sampled_from([File(1, (it,)) for it in "1234"])
ENTRIES: st.SearchStrategy[Entry] = st.one_of(FILES, st.just(EmptyFolder()))


def tree(contents: Mapping[str, str]) -> Tree:
    return {path: File(len(it), (it,)) for path, it in contents.items()}


def is_possible(made: Tree) -> bool:
    return not any(path_rule.clashes(made))


def is_folder(made: Tree) -> bool:
    """Return whether no file stands where a folder is needed."""
    parents = {it for path in made for it in path_rule.parents(path)}
    return parents.isdisjoint(made)


TREES = st.dictionaries(PATHS, ENTRIES, max_size=6).filter(is_possible)


def carried_out(plan: Plan, mine: Tree) -> dict[str, Entry]:
    """Do what a plan says with a folder that is a value, as the disk would."""
    made = dict(mine)
    for path in plan.removals:
        assert isinstance(made.pop(path), File)
    for path, place in plan.moves.items():
        assert place not in made, "a move overwrites nothing"
        made[place] = made.pop(path)
    for path in plan.emptied:
        if isinstance(made.get(path), EmptyFolder):
            del made[path]
    for path, file in plan.puts.items():
        assert not isinstance(made.get(path), EmptyFolder)
        made[path] = file
    for path in plan.folders:
        assert path not in made
        made[path] = EmptyFolder()
    assert is_folder(patched(EMPTY, made)), "no file stands where a folder is needed"
    return dict(patched(EMPTY, made))


@given(TREES, TREES)
def test_way_leads_from_any_folder_to_any_other(mine: Tree, target: Tree) -> None:
    assert carried_out(between(mine, target), mine) == target


@given(TREES, TREES, TREES)
def test_reader_has_what_the_share_changed_and_loses_nothing(
    base: Tree, mine: Tree, theirs: Tree
) -> None:
    plan = for_viewer(base, mine, theirs)
    after = carried_out(plan, mine)

    for path in base.keys() | theirs.keys():
        if base.get(path) != theirs.get(path) and path in theirs:
            here = after.get(path)
            # An empty folder of the share may have got files of the user's own.
            assert here == theirs[path] or theirs[path] == EmptyFolder()
    own = [it for path, it in mine.items() if it != base.get(path)]
    assert all(it in after.values() for it in own if isinstance(it, File))


@given(TREES, TREES)
def test_end_leaves_what_is_the_user_s_own(base: Tree, mine: Tree) -> None:
    after = carried_out(for_end(base, mine), mine)

    own = {it for path, it in mine.items() if it != base.get(path)}
    files = {it for it in after.values() if isinstance(it, File)}
    assert files == {it for it in own if isinstance(it, File)}


@given(TREES, TREES)
def test_reader_who_changes_nothing_has_the_share(base: Tree, theirs: Tree) -> None:
    assert carried_out(for_viewer(base, base, theirs), base) == theirs


@given(TREES, TREES, TREES)
def test_second_plan_is_empty(base: Tree, mine: Tree, theirs: Tree) -> None:
    after = carried_out(for_viewer(base, mine, theirs), mine)
    assume(is_possible(after))

    assert carried_out(for_viewer(theirs, after, theirs), after) == after


def test_changed_file_makes_room_under_a_name_that_says_so() -> None:
    base = tree({"n.ipynb": "1", "t.csv": "1", "u.csv": "1"})
    mine = tree({"n.ipynb": "mine", "t.csv": "mine", "u.csv": "mine"})
    theirs = tree({"n.ipynb": "2", "t.csv": "1"})

    plan = for_viewer(base, mine, theirs)

    assert plan.moves == {"n.ipynb": "n (mine).ipynb", "u.csv": "u (mine).csv"}
    assert plan.puts == tree({"n.ipynb": "2"})
    assert plan.removals == []


def test_file_makes_room_for_a_folder() -> None:
    plan = for_viewer(tree({}), tree({"d": "mine"}), tree({"d/x": "1"}))

    assert plan.moves == {"d": "d (mine)"}
