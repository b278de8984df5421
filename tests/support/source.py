"""Reads the project's own source: its files, functions, comments and imports."""

import ast
import io
import re
import subprocess
import tokenize
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path

ROOT = Path(__file__).parent.parent.parent
PACKAGES = {
    "cygnet_hub": ROOT / "hub/cygnet_hub",
    "cygnet_lab": ROOT / "extensions/cygnet_lab",
    "spark_connector": ROOT / "spark_connector",
    "spark_monitor": ROOT / "spark_monitor",
}
QUIET_TOKENS = {
    tokenize.COMMENT,
    tokenize.NL,
    tokenize.NEWLINE,
    tokenize.INDENT,
    tokenize.DEDENT,
    tokenize.ENCODING,
    tokenize.ENDMARKER,
}
NOT_CODE = re.compile(
    r"""(?P<line>//[^\n]*)|(?P<block>/\*.*?\*/)
    |\"{3}.*?\"{3}|"(?:\\.|[^"\\\n])*"|'(?:\\.|[^'\\\n])*'|`(?:\\.|[^`\\])*`
    |(?<=[(,=:\[!&|?;][ ])/(?![*/ ])(?:\\.|\[(?:\\.|[^\]\\\n])*\]|[^/\\\n\[])+/
    |(?<=[(,=:\[!&|?;])/(?![*/ ])(?:\\.|\[(?:\\.|[^\]\\\n])*\]|[^/\\\n\[])+/""",
    re.DOTALL | re.VERBOSE,
)
FUNCTION_HEADS = {
    ".ts": re.compile(
        r"^(?!\s*(?:else\s+)?(?:if|for|while|switch|catch|class|interface)\b)"
        r".*(?:=>|\)(?:\s*:[^=;]+)?)\s*$",
        re.DOTALL,
    ),
    ".scala": re.compile(r"\bdef\s+\w+.*=\s*$", re.DOTALL),
}


@dataclass(frozen=True, slots=True)
class Function:
    """One function's place and size."""

    line: int
    lines: int


def project_files(*suffixes: str) -> list[Path]:
    """Give the files that are committed or about to be, with these suffixes."""
    listing = subprocess.run(
        ["git", "ls-files", "--cached", "--others", "--exclude-standard"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=True,
    ).stdout
    paths = (ROOT / line for line in listing.splitlines())
    return sorted(
        it for it in paths if it.is_file() and (not suffixes or it.suffix in suffixes)
    )


@cache
def parsed(text: str) -> ast.Module:
    """Parse Python code, once for all rules."""
    return ast.parse(text)


def python_functions(text: str) -> Iterator[Function]:
    """Give each function of a Python file, counted without its docstring."""
    for node in ast.walk(parsed(text)):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            lines = last_line(node) - node.lineno + 1
            yield Function(node.lineno, lines - docstring_lines(node))


def brace_functions(text: str, suffix: str) -> Iterator[Function]:
    """Give each function with a body in braces of a TypeScript or Scala file."""
    code = NOT_CODE.sub(lambda it: re.sub(r"[^\n]", " ", it.group()), text)
    opened: list[tuple[int | None, int]] = []
    head = depth = 0
    for position, letter in enumerate(code):
        depth += {"(": 1, ")": -1}.get(letter, 0)
        if letter == "{":
            before = code[head:position]
            is_function = FUNCTION_HEADS[suffix].search(before) is not None
            start = position - len(before.lstrip())
            opened.append((start if is_function else None, depth))
            depth = 0
        elif letter == "}" and opened:
            began, depth = opened.pop()
            if began is not None:
                line = code.count("\n", 0, began) + 1
                yield Function(line, code.count("\n", began, position) + 1)
        # A semicolon within parentheses belongs to the head of a `for`.
        if letter in "{}" or (letter == ";" and not depth):
            head = position + 1


def functions(path: Path) -> list[Function]:
    """Give the functions of a file in whichever of our languages."""
    text = path.read_text()
    if path.suffix == ".py":
        return list(python_functions(text))
    return list(brace_functions(text, path.suffix))


def code_lines(path: Path) -> int:
    """Count lines of code, without comments, documentation and blank lines."""
    text = path.read_text()
    return python_lines(text) if path.suffix == ".py" else brace_lines(text)


def python_lines(text: str) -> int:
    """Count a Python file's lines of code; docstrings are documentation."""
    silent = {
        line
        for node in ast.walk(parsed(text))
        if isinstance(node, ast.Expr) and is_text(node)
        for line in range(node.lineno, last_line(node) + 1)
    }
    code: set[int] = set()
    for token in tokenize.generate_tokens(io.StringIO(text).readline):
        if token.type not in QUIET_TOKENS:
            code.update(range(token.start[0], token.end[0] + 1))
    return len(code - silent)


def brace_lines(text: str) -> int:
    """Count the lines of code of a TypeScript or Scala file."""
    bare = NOT_CODE.sub(
        lambda it: "" if it["line"] or it["block"] else it.group(), text
    )
    return sum(bool(line.strip()) for line in bare.splitlines())


def broad_excepts(text: str) -> Iterator[str]:
    """Give the name of each function that catches whatever comes and goes on."""
    for owner in ast.walk(parsed(text)):
        if isinstance(owner, ast.FunctionDef | ast.AsyncFunctionDef):
            for node in ast.walk(owner):
                if isinstance(node, ast.ExceptHandler) and hides_faults(node):
                    yield owner.name


def hides_faults(handler: ast.ExceptHandler) -> bool:
    """Say whether programming errors end here."""
    return is_broad(handler.type) and not is_cleanup(handler)


def is_broad(kind: ast.expr | None) -> bool:
    """Say whether an except clause catches programming errors too."""
    if isinstance(kind, ast.Tuple):
        return any(map(is_broad, kind.elts))
    broad = {"Exception", "BaseException"}
    return kind is None or (isinstance(kind, ast.Name) and kind.id in broad)


def is_cleanup(handler: ast.ExceptHandler) -> bool:
    """Say whether an except clause ends by raising again what it caught."""
    last = handler.body[-1]
    return isinstance(last, ast.Raise) and last.exc is None


def imported(text: str) -> set[str]:
    """Give the top-level package of each import that is executed."""
    tree = parsed(text)
    typed = {
        id(it)
        for block in ast.walk(tree)
        if isinstance(block, ast.If) and "TYPE_CHECKING" in ast.unparse(block.test)
        for it in ast.walk(block)
    }
    found: set[str] = set()
    for node in ast.walk(tree):
        if id(node) in typed:
            continue
        if isinstance(node, ast.Import):
            found.update(it.name.partition(".")[0] for it in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module:
            found.add(node.module.partition(".")[0])
    return found


def environment_reads(text: str) -> list[int]:
    """Give the lines that read or change the process's environment."""
    names = {"environ", "environb", "getenv", "putenv", "unsetenv"}
    found: list[int] = []
    for node in ast.walk(parsed(text)):
        if isinstance(node, ast.Attribute) and node.attr in names:
            is_ours = isinstance(node.value, ast.Name) and node.value.id == "os"
            found.extend([node.lineno] if is_ours else [])
        if isinstance(node, ast.ImportFrom) and node.module == "os":
            found.extend(node.lineno for it in node.names if it.name in names)
    return found


def is_text(node: ast.Expr) -> bool:
    """Say whether a statement is nothing but a string."""
    return isinstance(node.value, ast.Constant) and isinstance(node.value.value, str)


def docstring_lines(node: ast.FunctionDef | ast.AsyncFunctionDef) -> int:
    """Give how many lines a function's docstring takes, 0 without one."""
    first = node.body[0]
    if isinstance(first, ast.Expr) and is_text(first):
        return last_line(first) - first.lineno + 1
    return 0


def last_line(node: ast.stmt) -> int:
    """Give the last line of a statement."""
    return node.end_lineno or node.lineno
