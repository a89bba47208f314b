"""Networks as people have them, of which nothing is a fault: packaged files, NAT, containers,
copies without passwords, and the files of two sites that call everything alike."""

from __future__ import annotations

from collections.abc import Mapping
from itertools import combinations
from pathlib import Path

import pytest
from bareosconf import plant
from checked import OWN, faults, findings
from paths import CAPTURES

#: What the packages install, with other words where they have random ones.
PACKAGED = {
    "bareos-dir.d/director/bareos-dir.conf": """Director {
  Name = bareos-dir
  QueryFile = "/usr/lib/bareos/scripts/query.sql"
  Maximum Concurrent Jobs = 10
  Password = "dir-word"
  Messages = Daemon
}
""",
    "bareos-dir.d/messages/Daemon.conf": "Messages {\n  Name = Daemon\n}\n",
    "bareos-dir.d/client/bareos-fd.conf": """Client {
  Name = bareos-fd
  Address = localhost
  Password = "fd-word"
}
""",
    "bareos-dir.d/storage/File.conf": """Storage {
  Name = File
  Address = backup.example.com
  Password = "sd-word"
  Device = FileStorage
  Media Type = File
}
""",
    "bareos-dir.d/console/bareos-mon.conf": """Console {
  Name = bareos-mon
  Password = "mon-word"
}
""",
    "bareos-fd.d/client/myself.conf": "Client {\n  Name = bareos-fd\n}\n",
    "bareos-fd.d/director/bareos-dir.conf": """Director {
  Name = bareos-dir
  Password = "fd-word"
}
""",
    "bareos-fd.d/director/bareos-mon.conf": """Director {
  Name = bareos-mon
  Password = "fd-mon-word"
  Monitor = yes
}
""",
    "bareos-sd.d/storage/bareos-sd.conf": "Storage {\n  Name = bareos-sd\n}\n",
    "bareos-sd.d/device/FileStorage.conf": """Device {
  Name = FileStorage
  Media Type = File
  Archive Device = /var/lib/bareos/storage
}
""",
    "bareos-sd.d/director/bareos-dir.conf": """Director {
  Name = bareos-dir
  Password = "sd-word"
}
""",
    "bconsole.conf": """Director {
  Name = bareos-dir
  Address = localhost
  Password = "dir-word"
}
""",
    "tray-monitor.d/monitor/bareos-mon.conf": """Monitor {
  Name = bareos-mon
  Password = "mon-word"
}
""",
    "tray-monitor.d/director/local.conf": """Director {
  Name = bareos-dir
  Address = localhost
}
""",
    "tray-monitor.d/client/local.conf": """Client {
  Name = bareos-fd
  Address = localhost
  Password = "fd-mon-word"
}
""",
}


def on(host: str, words: str = "word", files: Mapping[str, str] = PACKAGED) -> dict[str, str]:
    """Files of one host, with its own passwords."""
    return {
        f"{host}/etc/bareos/{path}": text.replace('-word"', f'-{words}"')
        for path, text in files.items()
    }


def client(name: str, directives: str) -> dict[str, str]:
    text = f"Client {{\n  Name = {name}\n  Password = {name}\n{directives}}}\n"
    return {f"one/etc/bareos/bareos-dir.d/client/{name}.conf": text}


def daemon(name: str, directives: str = "", own: str = "") -> dict[str, str]:
    director = f"Director {{\n  Name = bareos-dir\n  Password = {name}\n{directives}}}\n"
    text = f"Client {{\n  Name = {name}\n{own}}}\n{director}"
    return {f"{name}/etc/bareos/bareos-fd.conf": text}


DIALS = "  Connection From Client To Director = yes\n"
UNDIALLED = "  Connection From Director To Client = no\n"
COMPOSE = {
    "dir/bareos-dir.conf": """Director {
  Name = bareos-dir
  Password = a
}
Client {
  Name = bareos-fd
  Address = bareos-fd
  Password = f
}
Storage {
  Name = File
  Address = bareos-sd
  Password = s
  Device = FileStorage
  Media Type = File
}
""",
    "sd/bareos-sd.conf": """Storage {
  Name = bareos-sd
}
Director {
  Name = bareos-dir
  Password = s
}
Device {
  Name = FileStorage
  Media Type = File
  Archive Device = /x
}
""",
    "fd/bareos-fd.conf": """Client {
  Name = bareos-fd
}
Director {
  Name = bareos-dir
  Password = f
}
""",
    "console/bconsole.conf": """Director {
  Name = bareos-dir
  Address = bareos-dir
  Password = a
}
""",
}

SITES = {
    "packaged": on("one"),
    "all on localhost": {
        path: text.replace("backup.example.com", "localhost") for path, text in on("one").items()
    },
    "a client behind a router that forwards": {
        **on("one"),
        **client("web", "  Address = 203.0.113.9\n  Port = 19102\n"),
        **daemon("web", own="  Address = 10.9.9.5\n"),
    },
    "clients that dial, whose Address means nothing": {
        **on("one"),
        **client("lap1", "  Address = localhost\n" + DIALS + UNDIALLED),
        **client("lap2", "  Address = localhost\n" + DIALS + UNDIALLED),
        **daemon("lap1", "  Address = backup.example.com\n" + DIALS),
    },
    "two Clients at one File Daemon": {
        **on("one"),
        **client("web", "  Address = 10.0.0.31\n"),
        "one/etc/bareos/bareos-dir.d/client/again.conf": """Client {
  Name = again
  Address = 10.0.0.31
  Password = web
}
""",
        **daemon("web"),
    },
    "two sites that call all alike": {**on("one"), **on("two", "other")},
    "the Director of one, the rest of another": {
        **{path: text for path, text in on("one").items() if "bareos-dir.d" in path},
        **{path: text for path, text in on("two", "other").items() if "bareos-dir.d" not in path},
    },
    "a copy without passwords": {
        path: "\n".join(line for line in text.split("\n") if "Password" not in line)
        for path, text in on("one").items()
    },
    "a copy with one word for all passwords": {
        path: text.replace("fd-word", "x").replace("sd-word", "x").replace("dir-word", "x")
        for path, text in on("one").items()
    },
    "containers": COMPOSE,
}


@pytest.mark.parametrize("site", SITES)
def test_nothing_is_a_fault(site: str, tmp_path: Path) -> None:
    assert faults(plant(tmp_path, SITES[site])) == []


#: A fault of the file by itself.
PARTIAL = {"directive-missing"}


@pytest.mark.slow
@pytest.mark.parametrize("recording", ["modes", "heartbeat", "lan-nat-active", "refusals"])
def test_a_part_of_a_configuration_finds_nothing_that_the_whole_does_not(recording: str) -> None:
    root = CAPTURES / recording / "config"
    whole = {row["rule"] for row in findings(root)}
    trees = sorted(root.iterdir())
    parts = [*((tree,) for tree in trees), *combinations(trees, 2)]
    parts += [tuple(tree for tree in trees if tree is not one) for one in trees]
    parts += [(file,) for file in sorted(root.rglob("*.conf"))]
    for part in parts:
        found = set(faults(*part)) - PARTIAL
        assert found <= whole, (part, found - whole)


def test_a_part_of_the_network_of_single_files_is_accused_of_nothing(tmp_path: Path) -> None:
    plant(tmp_path, OWN)
    files = sorted(tmp_path.rglob("*.conf"))
    for size in range(1, len(files)):
        for part in combinations(files, size):
            assert set(faults(*part)) <= PARTIAL, part
