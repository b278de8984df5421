"""The reader of source files that the gates stand on."""

import pytest

from tests.support import source

TYPESCRIPT = """
// Why this is here.
export class Panel {
  /** Documented. */
  draw(frame: Frame, names: string[] = []): void {
    for (let i = 0; i < 2; i++) {
      this.text = `{ ${i} // not a comment`;
    }
    if (/[{]/.test(frame.name)) {
      return;
    }
  }

  /** Known to this file alone. */
  private readonly _later = async (wait: number) => {
    await new Promise<void>((resolve) => {
      setTimeout(resolve, wait);
    });
  };
}
"""
SCALA = """
class CellListener(context: SparkContext) extends SparkListener {
  /** Documented. */
  override def onJobStart(event: SparkListenerJobStart): Unit = {
    val open = "{"
    if (open.isEmpty) {
      jobs.clear()
    }
  }

  def frame(): String = synchronized(table.json)
}
"""
PYTHON = '''
"""Module text."""

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import pyspark


def add(one: int, other: int) -> int:
    """Give a sum.

    Long documentation.
    """
    # Why not.
    return one + other


def guard() -> None:
    try:
        add(1, 2)
    except (ValueError, Exception):
        import os

        os.environ["A"] = "1"


def close() -> None:
    try:
        guard()
    except BaseException:
        add(2, 1)
        raise
'''


@pytest.mark.parametrize(
    ("text", "suffix", "expected"),
    [
        (TYPESCRIPT, ".ts", [(5, 8), (15, 5), (16, 3)]),
        (SCALA, ".scala", [(4, 6)]),
    ],
    ids=["typescript", "scala"],
)
def test_functions_in_braces_are_found(
    text: str, suffix: str, expected: list[tuple[int, int]]
) -> None:
    found = source.brace_functions(text, suffix)

    assert sorted((it.line, it.lines) for it in found) == expected


def test_python_functions_are_counted_without_docstring() -> None:
    found = source.python_functions(PYTHON)

    assert [(it.line, it.lines) for it in found] == [(10, 3), (19, 7), (28, 6)]


def test_lines_of_code_are_neither_comments_nor_documentation() -> None:
    assert source.brace_lines(TYPESCRIPT) == 15
    assert source.python_lines(PYTHON) == 17


def test_broad_excepts_and_environment_are_found() -> None:
    assert list(source.broad_excepts(PYTHON)) == ["guard"]
    assert source.environment_reads(PYTHON) == [25]
    assert source.imported(PYTHON) == {"os", "typing"}
