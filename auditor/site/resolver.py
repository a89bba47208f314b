"""Host names to addresses: the hosts file first, then the site file, then the system's resolver.

Bareos itself resolves with AF_INET6 first and tries every address in turn (bareos.md §1.0), so a
name stands for all of its addresses here.
"""

from __future__ import annotations

import ipaddress
from collections.abc import Mapping
from functools import lru_cache
from pathlib import Path

from auditor.errors import SiteFileError
from auditor.text import read_text

#: What the name means on the machine that dials it: never a way to tell machines apart.
LOOPBACK = frozenset({"127.0.0.1", "::1"})

#: A hosts file larger than this is not one; the largest in the field are blocklists of ~3 MB.
_MAX_HOSTS_BYTES = 16 << 20


@lru_cache(1 << 16)
def canonical(address: str) -> str | None:
    """Return an IP literal in its usual spelling (IPv4-mapped IPv6 as IPv4), or None if it is
    not a literal."""
    try:
        parsed = ipaddress.ip_address(address.partition("%")[0].strip("[]"))
    except ValueError:
        return None
    if isinstance(parsed, ipaddress.IPv6Address) and parsed.ipv4_mapped:
        return str(parsed.ipv4_mapped)
    return str(parsed)


@lru_cache(1 << 16)
def is_loopback(address: str) -> bool:
    """Tell whether a literal means "this machine"."""
    return ipaddress.ip_address(address).is_loopback


def read_hosts(path: str | Path) -> dict[str, frozenset[str]]:
    """Return names (lower case) to addresses from a file in hosts(5) format.

    Raises SiteFileError with file and line for a line whose first word is not an address.
    """
    try:
        text = read_text(path, _MAX_HOSTS_BYTES, "replace")
    except OSError as error:
        raise SiteFileError(f"cannot be read: {error.strerror}", str(path)) from None
    hosts: dict[str, set[str]] = {}
    for number, line in enumerate(text.splitlines(), 1):
        words = line.partition("#")[0].split()
        if not words:
            continue
        address = canonical(words[0])
        if address is None:
            # Not the word itself: the path may be a link to a file that its owner may not read.
            raise SiteFileError("this line begins with no IP address", str(path), number)
        for name in words[1:]:
            hosts.setdefault(name.lower().rstrip("."), set()).add(address)
    return {name: frozenset(addresses) for name, addresses in hosts.items()}


class Resolver:
    """Resolves the names of one configuration, each once.

    ``tables`` are asked in order; the system's resolver only afterwards and only with
    ``system=True``. Names that nobody knows are collected in ``unresolved``.
    """

    def __init__(self, *tables: Mapping[str, frozenset[str]], system: bool = True) -> None:
        self._tables = tables
        self._system = system
        self._known: dict[str, frozenset[str]] = {}
        self.unresolved: set[str] = set()

    def resolve(self, name: str) -> frozenset[str]:
        """Return every address of a host name or literal; empty when nobody knows it."""
        if not name:
            return frozenset()
        key = name.lower().rstrip(".")
        if key not in self._known:
            self._known[key] = self._look_up(key)
            if not self._known[key]:
                self.unresolved.add(name)
        return self._known[key]

    def _look_up(self, name: str) -> frozenset[str]:
        literal = canonical(name)
        if literal is not None:
            return frozenset({literal})
        for table in self._tables:
            if name in table:
                return table[name]
        if name == "localhost":
            return LOOPBACK
        return _ask_system(name) if self._system else frozenset()


def _ask_system(name: str) -> frozenset[str]:
    """Return what the system's resolver says; a name it cannot encode or find has no address."""
    import socket  # takes longer than all other names together, and --no-resolve needs none

    try:
        answers = socket.getaddrinfo(name, None, type=socket.SOCK_STREAM)
    except (OSError, UnicodeError):
        return frozenset()
    found = (canonical(str(answer[4][0])) for answer in answers)
    return frozenset(address for address in found if address is not None)
