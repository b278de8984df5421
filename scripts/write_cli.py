"""Writes ``docs/reference/cli.md`` from the command's own options."""

from collections.abc import Iterator
from inspect import cleandoc
from pathlib import Path

import click
from cygnet_hub.cli import cygnet

DOCUMENT = Path(__file__).parent.parent / "docs/reference/cli.md"
HEAD = """# Commands

`make docs` writes this page from `hub/cygnet_hub/cli.py`; do not edit it.

One command, `cygnet`, starts, shows and ends a service on one machine.
In the pods of a release on Kubernetes `cygnet status`, `cygnet doctor` and `cygnet login-link` are about that release.
[On one machine](../administering/one-machine.md) and [Operate](../administering/operate.md#status) explain what the commands do.

| exit code | meaning |
| --- | --- |
| 0 | The command succeeded. |
| 1 | It found a fault: a process that died, a check that failed, values that are refused. For `cygnet stop`: you answered no. |
| 2 | It could not run: a wrong option, or an error that one sentence explains. |
| 3 | `cygnet status`: nothing runs. |
| 130 | Ctrl-C interrupted a start. |
"""  # noqa: E501 - a document has one sentence a line.


def text() -> str:
    """Give the whole page."""
    context = click.Context(cygnet, info_name="cygnet")
    commands = [cygnet.commands[it] for it in cygnet.list_commands(context)]
    return HEAD + "".join("\n" + "\n".join(section(it, context)) for it in commands)


def section(command: click.Command, parent: click.Context) -> Iterator[str]:
    """Give the lines about one command."""
    context = click.Context(command, info_name=command.name, parent=parent)
    usage = " ".join(command.collect_usage_pieces(context))
    yield f"## {context.command_path}\n"
    yield f"```sh\n{context.command_path} {usage}\n```\n"
    yield f"{cleandoc(command.help or '')}\n"
    records = (it.get_help_record(context) for it in command.params)
    # An argument stands in the usage line, and the text above says what it is.
    described = [it for it in records if it and it[1]]
    yield "| option | meaning |\n| --- | --- |"
    for option, meaning in described:
        yield f"| `{option}` | {' '.join(meaning.split())} |"
    yield ""


if __name__ == "__main__":
    DOCUMENT.write_text(text())
    print(f"Wrote {DOCUMENT.name}.")
