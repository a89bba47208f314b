"""What stands for the values that people write: addresses, names, passwords and all else."""

from __future__ import annotations

import re
import socket
from hashlib import blake2b
from ipaddress import IPv4Network, IPv6Network, ip_address, ip_network

from auditor.config.passwords import clear_password, hashed_password, is_empty
from auditor.evidence.anonymizing.address_map import AddressMap
from auditor.evidence.anonymizing.pseudonyms import Pseudonyms

#: Stands for texts that no audit reads.
LEFT_OUT = "left out"
#: An address as ``inet_aton`` takes it, which Bareos asks, in fewer parts than four.
_SHORT = re.compile(r"(?:0x[0-9a-f]{1,8}|[0-9]{1,10})(?:\.(?:0x[0-9a-f]{1,8}|[0-9]{1,10})){0,3}")
_PASSWORD_BYTES = 16


class StandIns:
    """What stands for values, by a key of at most 64 bytes: that of a capture, so that the same
    address or name is the same in both."""

    def __init__(self, key: bytes) -> None:
        self._key = key
        self._names = Pseudonyms(key)
        self._addresses = AddressMap(key)

    def name(self, name: str) -> str:
        """Return what stands for the name of a resource, a user or a database."""
        return self._names.name(_octets(name)).decode()

    def host(self, name: str) -> str:
        """Return what stands for a host name."""
        return self._names.host(_octets(name.lower())).decode()

    def address(self, written: str) -> str:
        """Return what stands for an address as a directive has it: an IP literal or a host name."""
        if written.startswith("/"):
            return self.path(written)
        return self.literal(written) or self.host(written)

    def literal(self, written: str) -> str:
        """Return what stands for an IP literal; empty for what is none."""
        text = written.partition("%")[0].strip("[]")
        try:
            return self._addresses.text(str(ip_address(text)))
        except ValueError:
            pass
        if not _SHORT.fullmatch(written.lower()):
            return ""
        try:
            return self._addresses.text(socket.inet_ntoa(socket.inet_aton(written)))
        except OSError:
            return ""

    def network(self, network: IPv4Network | IPv6Network) -> str:
        """Return what stands for a network: it holds what stands for each address in it."""
        address = self._addresses.text(str(network.network_address))
        return str(ip_network(f"{address}/{network.prefixlen}", strict=False))

    def path(self, path: str) -> str:
        """Return what stands for a path, each part for itself."""
        return "/".join(map(self.name, path.split("/")))

    def password(self, text: str, *, clear: bool) -> str:
        """Return what stands for a password: two are equal where those are that they stand for, in
        whatever spelling (``clear``: Bareos uses it as it stands). An empty one stays so.

        It is made by a key of this process, not by that of names: who has that cannot try whether
        he guesses a password.
        """
        secret = clear_password(text) if clear else hashed_password(text)
        if secret is None or is_empty(text):
            return ""
        made = blake2b(secret.fingerprint, digest_size=_PASSWORD_BYTES, key=self._key)
        return made.hexdigest()


def _octets(text: str) -> bytes:
    return text.encode("utf-8", "surrogateescape")
