"""Which lines of a traceback are the user's own."""

import json
import linecache

import pytest

from spark_monitor.own_lines import Line, own_lines, worker_lines, written

WORKER = """Traceback (most recent call last):
  File "/spark/python/lib/pyspark.zip/pyspark/worker.py", line 12, in main
    process()
  File "<frozen runpy>", line 4, in run
  File "/home/ada/helper.py", line 7, in load
    return rows[0]
  File "/cells/345.py", line 2, in <lambda>
ValueError: boom
"""


def error_of(code: str, file: str, **names: object) -> ValueError:
    """Run code of a file that raises."""
    with pytest.raises(ValueError) as caught:  # noqa: PT011 - any.
        exec(compile(code, file, "exec"), {"__name__": "__main__", **names})  # noqa: S102 - as a kernel runs a cell.
    trace = caught.value.__traceback__
    assert trace is not None
    return caught.value.with_traceback(trace.tb_next)


def test_lines_of_cells_and_own_modules_are_kept() -> None:
    inner = "def load(text): json.loads(text)"
    names: dict[str, object] = {"json": json, "__name__": "helper"}
    exec(compile(inner, "/home/ada/helper.py", "exec"), names)  # noqa: S102 - as an import.

    error = error_of("\nload('{')", "/cells/345.py", load=names["load"])

    assert own_lines(error) == [
        Line("/cells/345.py", 2, "<module>"),
        Line("/home/ada/helper.py", 1, "load"),
    ]


def test_lines_of_spark_are_left_out_wherever_it_lies() -> None:
    code = "raise ValueError"
    error = error_of(code, "/opt/spark/lib/dataframe.py", __name__="pyspark.sql")

    assert own_lines(error) == []


def test_lines_of_an_error_in_handling_another_are_its_own_or_the_others() -> None:
    first = error_of("raise ValueError", "/cells/345.py")
    second = error_of("raise ValueError", "/spark/rdd.py", __name__="pyspark.rdd")
    second.__context__ = first

    assert own_lines(second) == [Line("/cells/345.py", 1, "<module>")]
    assert own_lines(second, but=own_lines(second)) == []


def test_endless_recursion_is_reported_in_eight_lines() -> None:
    code = "def f(n):\n    if n == 0: raise ValueError\n    f(n - 1)\nf(40)"

    numbers = [it.number for it in own_lines(error_of(code, "/cells/4.py"))]

    assert numbers == [4, 3, 3, 3, 3, 3, 3, 2]


def test_lines_of_a_worker_are_found_in_its_text() -> None:
    assert worker_lines(WORKER) == [
        Line("/home/ada/helper.py", 7, "load"),
        Line("/cells/345.py", 2, "<lambda>"),
    ]


@pytest.mark.parametrize(
    ("line", "text"),
    [
        (
            Line("/cells/3.py", 2, "<module>"),
            "Cell In[3], line 2: frame.collect()",
        ),
        (
            Line("/cells/3.py", 2, "<lambda>"),
            "Cell In[3], line 2: frame.collect()",
        ),
        (Line("/cells/3.py", 2, "f"), "Cell In[3], line 2, in f: frame.collect()"),
        (Line("/home/ada/gone.py", 7, "load"), "gone.py, line 7, in load"),
    ],
)
def test_line_is_written_with_its_place(line: Line, text: str) -> None:
    source = ["\n", "    frame.collect()\n"]
    linecache.cache["/cells/3.py"] = (1, None, source, "/cells/3.py")

    assert written(line, {"/cells/3.py": "Cell In[3]"}.get) == text
