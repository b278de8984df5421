"""Lines on the user's terminal, which may have been closed.

Progress goes to standard error, so that standard output holds results alone.
"""

import contextlib
from typing import Protocol

import click


class Say(Protocol):
    """Takes one line for the user who waits."""

    def __call__(self, line: str, /) -> None:
        """Show the line."""


def progress(line: str) -> None:
    """Print a sentence to standard error."""
    # Writing to a terminal that was closed fails, and no user is there to see it.
    with contextlib.suppress(OSError):
        click.echo(line, err=True)


def result(line: str) -> None:
    """Print a line of the command's result, for programs to read."""
    with contextlib.suppress(OSError):
        click.echo(line)
