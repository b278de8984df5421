from cygnet_share.viewer import grid


def test_table_is_read_by_its_separator() -> None:
    for separator in ",;\t|":
        found = grid.read(f'a{separator}b\n1{separator}"x\ny"\n')

        assert found is not None
        assert found.head == ["a", "b"]
        assert found.rows == [["1", "x\ny"]]
        assert found.notes == []


def test_large_table_is_cut_with_sentences() -> None:
    line = ",".join(["x" * 400] * 100)

    found = grid.read("\n".join([line] * 1_000))

    assert found is not None
    assert len(found.rows) == grid.MAX_ROWS
    assert len(found.head) == grid.MAX_COLUMNS
    assert found.head[0] == "x" * grid.LONGEST + "…"
    assert found.notes == [
        "Only the first 500 rows are shown.",
        "Only the first 60 of 100 columns are shown.",
    ]


def test_what_is_no_table_is_none() -> None:
    assert grid.read("") is None
    assert grid.read("\n\n") is None
    assert grid.read("x" * 1_000_000) is None
