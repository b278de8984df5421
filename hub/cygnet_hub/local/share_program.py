"""Runs the sharing service of one machine; whatever it lacks, nothing else fails.

python -P -m cygnet_hub.local.share_program DATA_DIRECTORY
"""

import json
import os
import sys
from pathlib import Path

from cygnet_hub import private_file
from cygnet_hub.data_directory import DataDirectory
from cygnet_hub.local import log_file, program

SETTINGS = {"several": False}
"""What the service is set to: there is one person."""


def run(data: DataDirectory) -> None:
    """Run the service until it ends; what it writes goes into a log of its own."""
    # What the service writes is its owner's alone, as all of the data directory.
    os.umask(0o077)
    with log_file.begin(data.share_log) as log:
        for stream in (sys.stdout, sys.stderr):
            os.dup2(log.fileno(), stream.fileno())
    private_file.make_directory(data.share)
    private_file.write(data.share_settings, json.dumps(SETTINGS) + "\n")
    program.run("cygnet_share", [])


if __name__ == "__main__":
    run(DataDirectory(Path(sys.argv[1])))
