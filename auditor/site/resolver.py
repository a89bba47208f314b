"""Host names to addresses: the hosts file first, then the site file, then the system's resolver.

Bareos itself resolves with AF_INET6 first and tries every address in turn (bareos.md §1.0), so a
name stands for all of its addresses here.
"""

from __future__ import annotations

import ipaddress
import re
import time
from collections.abc import Iterable, Mapping
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING

from auditor.errors import SiteFileError
from auditor.text import read_text

if TYPE_CHECKING:
    from auditor.site.background_lookups import BackgroundLookups
    from auditor.site.lookups import Lookups

#: Seconds in which the system's resolver has to answer for all names together.
DEFAULT_TIMEOUT = 5.0

#: What the name means on the machine that dials it: never a way to tell machines apart.
LOOPBACK = frozenset({"127.0.0.1", "::1"})

#: A hosts file larger than this is not one; the largest in the field are blocklists of ~3 MB.
_MAX_HOSTS_BYTES = 16 << 20
#: And so many names in it, each time that it has them: a set of addresses each takes the memory.
_MAX_HOSTS_NAMES = 2_000_000
#: Characters between two dots of a name (RFC 1035, 2.3.4).
_MAX_LABEL = 63
#: What a name may hold: more than DNS allows, less than other files with addresses in front have.
_NAME = re.compile(r"[^\s/\\=+,;:(){}\[\]<>|&$\"'`@]+")

#: IPv4 as it is usually written: most addresses, and twenty times as quick as ``ipaddress``.
_USUAL = re.compile(r"(?:(?:25[0-5]|2[0-4][0-9]|1[0-9][0-9]|[1-9]?[0-9])(?:\.(?!\Z)|\Z)){4}")


@lru_cache(1 << 16)
def canonical(address: str) -> str | None:
    """Return an IP literal in its usual spelling (IPv4-mapped IPv6 as IPv4), or None if it is
    not a literal."""
    if _USUAL.fullmatch(address):
        return address
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
    if _USUAL.fullmatch(address):
        return address.startswith("127.")
    return ipaddress.ip_address(address).is_loopback


def read_hosts(path: str | Path) -> dict[str, frozenset[str]]:
    """Return names (lower case) to addresses from a file in hosts(5) format.

    Raises SiteFileError with file and line for a line whose first word is not an address or whose
    others are no names, as of any file but a hosts file, for a file of addresses without any name,
    and for more names than are read.
    """
    try:
        text = read_text(path, _MAX_HOSTS_BYTES, "replace")
    except OSError as error:
        raise SiteFileError(f"cannot be read: {error.strerror}", str(path)) from None
    hosts: dict[str, frozenset[str] | set[str]] = {}
    count = nameless = 0
    for number, line in enumerate(text.splitlines(), 1):
        words = line.partition("#")[0].split()
        if not words:
            continue
        address = canonical(words[0])
        if address is None:
            # Not the word itself: the path may be a link to a file that its owner may not read.
            raise SiteFileError("this line begins with no IP address", str(path), number)
        nameless = nameless or (number if len(words) == 1 else 0)
        if not all(map(_is_name, words[1:])):
            raise SiteFileError("this line has a word that is no host name", str(path), number)
        count += len(words) - 1
        if count > _MAX_HOSTS_NAMES:
            raise SiteFileError(f"more than {_MAX_HOSTS_NAMES} names", str(path), number)
        alone = frozenset((address,))  # one for all names of the line: most have no other
        for name in words[1:]:
            known = hosts.setdefault(name.lower().rstrip("."), alone)
            if isinstance(known, set):
                known.add(address)
            elif address not in known:
                hosts[name.lower().rstrip(".")] = {*known, address}
    if nameless and not hosts:  # a list of addresses, and not a line that is not finished
        raise SiteFileError("this line has an address and no name", str(path), nameless)
    return {name: frozenset(addresses) for name, addresses in hosts.items()}


def _is_name(word: str) -> bool:
    """Tell whether a word can be the name of a host; a key of ssh may be letters and digits only,
    but is longer than the parts of a name may be."""
    longest = max(map(len, word.split("."))) if len(word) > _MAX_LABEL else 0
    return longest <= _MAX_LABEL and _NAME.fullmatch(word) is not None


class Resolver:
    """Resolves the names of one configuration, each once.

    ``tables`` are asked in order; the system's resolver only afterwards and only with
    ``system=True``, for all names together no longer than ``timeout`` seconds from the first.
    Names that nobody knows are collected in ``unresolved``, and those among them that were not
    answered in time in ``late``.
    """

    def __init__(
        self,
        *tables: Mapping[str, frozenset[str]],
        system: bool = True,
        timeout: float = DEFAULT_TIMEOUT,
        lookups: Lookups | BackgroundLookups | None = None,
    ) -> None:
        self._tables = tables
        self._system = system
        self.timeout = timeout
        self._lookups = lookups
        self._until: float | None = None
        self._known: dict[str, frozenset[str]] = {}
        self.unresolved: set[str] = set()
        self.late: set[str] = set()

    def ask_for(self, names: Iterable[str]) -> None:
        """Begin to ask the system for names that will be resolved, so that none waits for
        another."""
        keys = dict.fromkeys(map(_key, names))
        unknown = [key for key in keys if key not in self._known and self._here(key) is None]
        if self._system and unknown:
            self._asked().ask(unknown)

    def resolve(self, name: str) -> frozenset[str]:
        """Return every address of a host name or literal; empty when nobody knows it."""
        if not name:
            return frozenset()
        key = _key(name)
        if key not in self._known:
            self._known[key] = self._look_up(key, name)
            if not self._known[key]:
                self.unresolved.add(name)
        return self._known[key]

    def _look_up(self, key: str, name: str) -> frozenset[str]:
        here = self._here(key)
        if here is not None:
            return here
        if not self._system:
            return frozenset()
        lookups = self._asked()
        lookups.ask([key])
        left = (self._until or 0.0) - time.monotonic()
        answer = lookups.answer(key, left)
        if answer is None:
            self.late.add(name)
            lookups.stop()
            return frozenset()
        found = map(canonical, answer)
        return frozenset(address for address in found if address is not None)

    def _here(self, key: str) -> frozenset[str] | None:
        """Return what a name means without the system; None: only the system may know it."""
        literal = canonical(key)
        if literal is not None or not key:
            return frozenset({literal} if literal else ())
        for table in self._tables:
            if key in table:
                return table[key]
        return LOOPBACK if key == "localhost" else None

    def _asked(self) -> Lookups | BackgroundLookups:
        if self._lookups is None:
            from auditor.site.lookups import Lookups  # loads sockets, which --no-resolve needs not

            self._lookups = Lookups()
        if self._until is None:
            self._until = time.monotonic() + self.timeout
        return self._lookups


def _key(name: str) -> str:
    return name.lower().rstrip(".")
