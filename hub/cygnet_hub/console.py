"""Words for the person at the terminal, who may have gone.

Progress goes to standard error, so that standard output holds results alone.
"""

import contextlib
from typing import Protocol

import click


class Say(Protocol):
    """Takes one line for the person who waits."""

    def __call__(self, line: str, /) -> None:
        """Show the line."""


def progress(line: str) -> None:
    """Print a sentence to standard error."""
    # Writing to a terminal that was closed fails, and nobody is there to care.
    with contextlib.suppress(OSError):
        click.echo(line, err=True)


def result(line: str) -> None:
    """Print a line of the command's result, for programs to read."""
    with contextlib.suppress(OSError):
        click.echo(line)
