"""Firewall rules of made-up networks, and the programs that judge and load them."""

from __future__ import annotations

import socket
import subprocess
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

from netns import Namespace
from paths import CAPTURES
from site_of import site_of

from auditor.config.reading import read_configuration
from auditor.config.resources import Source
from auditor.report.firewall.syntax import Syntax, ruleset
from auditor.site.build import build_site
from auditor.site.model import Peer, Site
from auditor.site.openings.plan import plan_openings
from auditor.site.resolver import Resolver

#: Seconds; the first packet over a new link may be lost, and TCP sends it again after one.
PATIENCE = 10

#: What a name, a path or a comment can hold that somebody else wrote: it ends strings, lines,
#: comments and commands of every syntax.
HOSTILE = (
    'a"; drop; #',
    "b\\",
    "c\n\tflush ruleset\n",
    "d'$(touch /tmp/x)`id`",
    "e\u202e\x1b[31m\x00*/-->",
    "f" * 4096,
    "g" + "é€😀" * 200,
    "}; table inet x { ",
)


def recorded() -> list[Path]:
    """Return the configurations of all recordings."""
    return sorted(CAPTURES.glob("*/config")) + sorted(CAPTURES.glob("cases/*/config"))


def rules(site: Site, syntax: Syntax, host: str = "") -> str:
    """Return the rules of a site."""
    return "".join(ruleset(syntax, plan_openings(site, host), None, ["/etc/bareos"]))


def read(path: Path) -> Site:
    """Return the site of a configuration whose names nobody resolves."""
    return build_site(read_configuration([path]), Resolver(system=False))


def of_two(folder: Path, *, hostile: str = "") -> Site:
    """Return the site of a Director at 10.77.0.1 and fd77::1 and a Storage Daemon at 10.77.0.2 and
    fd77::2, and of a console that may be anywhere. With ``hostile`` all names and files have that
    in them; most of it no configuration can say, since Bareos takes no such names."""
    files = {
        "dir/bareos-dir.conf": "Director { Name = dir; Password = a }\n"
        "Storage { Name = sd1; Address = sd.example.com; Password = b; Device = d;"
        " Media Type = F }\nConsole { Name = admin; Password = c }\n",
    }
    site = "daemons: {director dir: {addresses: [10.77.0.1, 'fd77::1']}}\n"
    hosts = "10.77.0.2 sd.example.com\nfd77::2 sd.example.com\n"
    made = site_of(folder, files, site=site, hosts=hosts)
    return _renamed(made, hostile) if hostile else made


def _renamed(site: Site, more: str) -> Site:
    def peer(one: Peer) -> Peer:
        return replace(one, name=f"{one.name}{more}")

    source = Source(f"/etc/{more}/x.conf", 7)
    rows = tuple(
        replace(
            row,
            initiator=peer(row.initiator),
            acceptor=peer(row.acceptor),
            target=row.target._replace(source=source),
            permission_source=source,
            heartbeat=replace(row.heartbeat, source=source),
        )
        for row in site.expectations
    )
    return replace(site, peers=tuple(map(peer, site.peers)), expectations=rows)


def tried(inside: Namespace, command: Sequence[str], text: str = "") -> str:
    """Run a program in a namespace, with a text to read; return what it complains of."""
    with inside.entered():
        done = subprocess.run(
            command, input=text, check=False, capture_output=True, text=True, timeout=60
        )
    return done.stderr if done.returncode else ""


def answers(client: Namespace, address: str, port: int, source: str = "") -> bool:
    """Tell whether a connection is made; a refusal has to be said."""
    family = socket.AF_INET6 if ":" in address else socket.AF_INET
    with client.entered():
        dialling = socket.socket(family)
    with dialling:
        dialling.settimeout(PATIENCE)
        if source:
            dialling.bind((source, 0))
        try:
            dialling.connect((address, port))
        except (ConnectionRefusedError, ConnectionResetError):
            return False
    return True
