"""Writes the configuration of a made-up site: one Director, many clients, several storages.

::

    python benchmarks/make_site.py FOLDER [--clients 1000] [--storages 8]

Each daemon has a tree of its own, as a folder with the copies of all hosts has: a site of this size
is what `check` and `expect` must be quick on.
"""

from __future__ import annotations

import argparse
from pathlib import Path

_DIRECTOR = 'Director {\n  Name = dir\n  Password = "console"\n  Heartbeat Interval = 60\n}\n'


def make_site(folder: Path, clients: int, storages: int) -> None:
    """Write the trees of all hosts below ``folder``."""
    director = [_DIRECTOR]
    for number in range(storages):
        name, secret = f"sd{number}", f"storage-{number}"
        director.append(
            f"Storage {{\n  Name = {name}\n  Address = 10.0.1.{number + 1}\n"
            f'  Password = "{secret}"\n'
            f"  Device = {name}\n  Media Type = {name}\n}}\n"
        )
        _write(
            folder / name / "bareos-sd.conf",
            f"Storage {{\n  Name = {name}\n  Heartbeat Interval = 60\n}}\n"
            f'Director {{\n  Name = dir\n  Password = "{secret}"\n}}\n'
            f"Device {{\n  Name = {name}\n  Media Type = {name}\n  Archive Device = /{name}\n}}\n",
        )
    for number in range(clients):
        name, secret = f"client{number}", f"client-{number}"
        address = f"10.{1 + number // 65536}.{number // 256 % 256}.{number % 256}"
        director.append(
            f'Client {{\n  Name = {name}\n  Address = {address}\n  Password = "{secret}"\n}}\n'
        )
        _write(
            folder / name / "bareos-fd.conf",
            f"Client {{\n  Name = {name}\n}}\n"
            f'Director {{\n  Name = dir\n  Password = "{secret}"\n}}\n',
        )
    _write(folder / "dir" / "bareos-dir.conf", "".join(director))


def _write(path: Path, text: str) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, encoding="utf-8")


def main() -> None:
    """Write the site that the command line describes."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("folder", type=Path)
    parser.add_argument("--clients", type=int, default=1000)
    parser.add_argument("--storages", type=int, default=8)
    given = parser.parse_args()
    make_site(given.folder, given.clients, given.storages)


if __name__ == "__main__":
    main()
