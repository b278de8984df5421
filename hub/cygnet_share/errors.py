"""The errors of the sharing service.

ShareError
└── TreeError     a stored folder is missing or damaged
"""


class ShareError(Exception):
    """The root of what the sharing service raises."""


class TreeError(ShareError):
    """A stored folder is missing, or is not what its name says.

    Parameters
    ----------
    name
        The SHA-256 that names its record.
    """

    def __init__(self, name: str) -> None:
        super().__init__(
            f"The record {name} of a folder is missing or damaged. Restore it from "
            "a backup; other snapshots are not affected."
        )
        self.name = name
