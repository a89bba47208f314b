"""Times ``expect`` and ``check`` on a made-up site: 1000 clients and 8 storages unless told else.

::

    python benchmarks/expect.py [--clients 1000] [--storages 8]

Prints the processor time of each command, once with the Director's tree alone and once with those
of all hosts; the goal is a table in less than 2 s.
"""

from __future__ import annotations

import argparse
import sys
from pathlib import Path
from statistics import median
from tempfile import TemporaryDirectory

from make_site import make_site
from paired import run

_COMMANDS = (["expect"], ["expect", "-f", "csv"], ["check", "--idle-limit", "60m"])
_ROUNDS = 3


def main() -> None:
    """Make the site, and print a line a command."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--clients", type=int, default=1000)
    parser.add_argument("--storages", type=int, default=8)
    given = parser.parse_args()
    with TemporaryDirectory() as name:
        site = Path(name)
        make_site(site, given.clients, given.storages)
        for config, what in ((site / "dir", "the Director's tree"), (site, "the trees of all")):
            for command in _COMMANDS:
                program = [sys.executable, "-m", "auditor", *command, "--no-resolve"]
                runs = [run([*program, "--config", str(config)]) for _ in range(_ROUNDS)]
                seconds = median(one.cpu for one in runs)
                print(f"{seconds:6.2f} s  {' '.join(command):<24} {what}")


if __name__ == "__main__":
    main()
