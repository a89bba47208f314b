"""What is found in a configuration alone, and a small healthy one of single files and IPv6."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from auditor.config.reading import read_configuration
from auditor.judge.rules.configuration import judge_configuration
from auditor.judge.rules.rule import load_configuration_rules, load_rules
from auditor.judge.tables.table import Row
from auditor.site.build import build_site
from auditor.site.resolver import Resolver

ALL = (*load_rules(), *load_configuration_rules())
#: Notes that the healthy configurations have already.
STANDING = {"directive-deprecated", "name-unresolved"}

#: Another network: one file a program, IPv6, other ports, a passive client, one that dials.
OWN = {
    "backup/bareos-dir.conf": """
Director {
  Name = hq-dir
  Password = console-secret
  Addresses = { ipv6 = { addr = 2001:db8:5::10; port = 19101 } }
}
Client {
  Name = lion
  Address = 2001:db8:5::31
  Port = 19102
  Password = lion-secret
  Passive = yes
}
Client {
  Name = mouse
  Address = mouse.example.org
  Password = mouse-secret
  Connection From Client To Director = yes
  Connection From Director To Client = no
}
Storage {
  Name = Tape
  Address = 2001:db8:5::20
  Password = tape-secret
  Device = LTO
  Media Type = LTO
}
Console {
  Name = operator
  Password = operator-secret
}
Console {
  Name = watcher
  Password = watcher-secret
}
FileSet {
  Name = all
}
Messages {
  Name = all
}
Pool {
  Name = all
  Pool Type = Backup
}
Job {
  Name = lion-home
  Type = Backup
  Client = lion
  Storage = Tape
  FileSet = all
  Messages = all
  Pool = all
}
""",
    "lion/bareos-fd.conf": """
Client {
  Name = lion
  Port = 19102
}
Director {
  Name = hq-dir
  Password = lion-secret
}
Director {
  Name = watcher
  Password = lion-watch
  Monitor = yes
}
""",
    "mouse/bareos-fd.conf": """
Client {
  Name = mouse
  Heartbeat Interval = 60
}
Director {
  Name = hq-dir
  Password = mouse-secret
  Address = 2001:db8:5::10
  Port = 19101
  Connection From Client To Director = yes
  Connection From Director To Client = no
}
""",
    "tape/bareos-sd.conf": """
Storage {
  Name = tape-sd
  Heartbeat Interval = 60
  Address = 2001:db8:5::20
}
Director {
  Name = hq-dir
  Password = tape-secret
}
Device {
  Name = LTO
  Media Type = LTO
  Archive Device = /dev/nst0
}
""",
    "desk/bconsole.conf": """
Director {
  Name = hq-dir
  Address = 2001:db8:5::10
  Port = 19101
  Password = unused
}
Console {
  Name = operator
  Password = operator-secret
}
""",
    "wall/tray-monitor.conf": """
Monitor {
  Name = watcher
  Password = watcher-secret
}
Director {
  Name = hq-dir
  Address = 2001:db8:5::10
  Port = 19101
}
Client {
  Name = lion
  Address = 2001:db8:5::31
  Port = 19102
  Password = lion-watch
}
""",
}


def findings(*config: Path) -> Iterator[Row]:
    """What is found in a configuration beside what the healthy ones have already."""
    site = build_site(read_configuration(config), Resolver(system=False))
    for row in judge_configuration(site, ALL).findings.rows():
        if row["rule"] not in STANDING:
            yield row


def faults(*config: Path) -> list[str]:
    """The rules that find more than a note."""
    return [row["rule"] for row in findings(*config) if row["severity"] != "info"]
