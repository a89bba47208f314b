"""Own addresses and ports: what a daemon listens on, or connects from (bareos.md §5.7)."""

from __future__ import annotations

import ipaddress
import re
from dataclasses import dataclass, field

from auditor.config.problem_kinds import ProblemKind
from auditor.config.resources import Listen, Source
from auditor.config.scan import Scan
from auditor.config.schema import Directive
from auditor.config.tokens import TokenKind
from auditor.errors import ConfigurationError

WILDCARDS = {4: "0.0.0.0", 6: "::"}

#: Far more than a host has addresses.
MAX_SOCKETS = 1000

_FAMILIES = {"ip": 4, "ipv4": 4, "ipv6": 6}
_UNQUOTED = frozenset({TokenKind.STRING, TokenKind.IDENTIFIER})
_UNQUOTED_OR_NUMBER = _UNQUOTED | {TokenKind.NUMBER}
_LEADING_NUMBER = re.compile(r"[+-]?\d{1,18}", re.ASCII)


@dataclass(slots=True)
class SocketAddresses:
    """The socket addresses that a resource's Address, Port and Addresses come to together."""

    sockets: list[Listen] = field(default_factory=list)
    new_style: bool = False
    """True: written as ``Addresses``, which cannot be mixed with the other two."""
    ports: int = 0
    """How often ``Port`` was written."""

    def add_port(self, port: int, at: Source) -> None:
        """Take a ``Port``: every family where nothing is set yet, else the first address only."""
        self._style(False, at)
        self.ports += 1
        if self.sockets:
            self.sockets[0] = self.sockets[0]._replace(port=port)
        else:
            self.sockets = [Listen(any_, port, family) for family, any_ in WILDCARDS.items()]

    def add_address(self, address: str, at: Source) -> None:
        """Take an ``Address``: it replaces all, and keeps the port of the first."""
        self._style(False, at)
        port = self.sockets[0].port if self.sockets else None
        family = 6 if ":" in address else 4
        address, family = _literal(address, family, at)
        self.sockets = [Listen(address, port, family)]

    def add_block(self, address: str, port: int | None, family: int, at: Source) -> None:
        """Take one block of ``Addresses``; without an address it is the family's wildcard."""
        self._style(True, at)
        if len(self.sockets) >= MAX_SOCKETS:
            raise ConfigurationError(f"more than {MAX_SOCKETS} addresses", *at)
        address, family = _literal(address or WILDCARDS[family], family, at)
        self.sockets.append(Listen(address, port, family))

    def _style(self, new: bool, at: Source) -> None:
        if self.sockets and self.new_style is not new:
            raise ConfigurationError("Addresses cannot be mixed with Address or Port", *at)
        self.new_style = new


def read_port(scan: Scan, directive: Directive, addresses: SocketAddresses) -> None:
    """Read the value of an own ``Port``: 1 to 65534 or a service name, unquoted."""
    token = scan.expect(_UNQUOTED_OR_NUMBER, f"{directive.name} needs an unquoted port")
    addresses.add_port(port_number(token.text, token.source), token.source)
    if addresses.ports > 1:
        listed = ", ".join(f"{entry.address} port {entry.port}" for entry in addresses.sockets)
        message = f"a second {directive.name} changes the first address only: now {listed}"
        scan.warn(ProblemKind.PORT_REPEATED, message, token.source)


def read_address(scan: Scan, directive: Directive, addresses: SocketAddresses) -> None:
    """Read the value of an own ``Address`` or ``SourceAddress``: literal or name, unquoted."""
    token = scan.expect(_UNQUOTED_OR_NUMBER, f"{directive.name} needs an unquoted address")
    if token.glued:
        message = f"Bareos drops the blanks in this {directive.name}: {token.text!r}"
        scan.warn(ProblemKind.BLANKS_DROPPED, message, token.source)
    addresses.add_address(token.text, token.source)


def read_addresses(scan: Scan, directive: Directive, addresses: SocketAddresses) -> None:
    """Read the blocks of ``Addresses``: ``ip``, ``ipv4`` or ``ipv6``, each with addr and port."""
    scan.expect({TokenKind.OPEN}, f"{directive.name} needs a block in braces")
    token = scan.expect(_UNQUOTED, f"{directive.name} needs a block ip, ipv4 or ipv6")
    while token.kind is not TokenKind.CLOSE:
        family = _FAMILIES.get(token.text.lower())
        if family is None:
            raise ConfigurationError(
                f"a block of {directive.name} is called ip, ipv4 or ipv6", *token.source
            )
        _read_block(scan, family, addresses)
        token = scan.expect(_UNQUOTED | {TokenKind.CLOSE}, f"{directive.name} must end with '}}'")


def _read_block(scan: Scan, family: int, addresses: SocketAddresses) -> None:
    scan.expect({TokenKind.EQUALS}, "an address block needs '='")
    opened = scan.expect({TokenKind.OPEN}, "an address block needs '{'")
    written: dict[str, str] = {}
    token = scan.expect({TokenKind.IDENTIFIER}, "an address block needs addr or port")
    while token.kind is not TokenKind.CLOSE:
        key = token.text.lower()
        if key not in {"addr", "port"}:
            raise ConfigurationError("an address block holds addr and port only", *token.source)
        if key in written:
            raise ConfigurationError(f"an address block has one {key} only", *token.source)
        scan.expect({TokenKind.EQUALS}, f"{key} needs '='")
        kinds = _UNQUOTED if key == "addr" else _UNQUOTED_OR_NUMBER
        written[key] = scan.expect(kinds, f"{key} needs an unquoted value").text
        token = scan.expect(
            {TokenKind.IDENTIFIER, TokenKind.CLOSE}, "an address block must end with '}'"
        )
    at = opened.source
    port = port_number(written["port"], at) if "port" in written else None
    addresses.add_block(written.get("addr", ""), port, family, at)


def port_number(text: str, at: Source) -> int:
    """Return the port that a number or a service means. Raises ConfigurationError."""
    leading = _LEADING_NUMBER.match(text)
    if leading and 0 < int(leading[0]) < 65535:
        return int(leading[0])
    if not leading and text.isascii():
        import socket  # few configurations need it, and loading it takes its time

        try:
            return socket.getservbyname(text, "tcp")
        except OSError:
            message = "this service name is not known on this machine; write the port as a number"
            raise ConfigurationError(message, *at) from None
    raise ConfigurationError("a port to listen on must be 1 to 65534 or a service name", *at)


def _literal(address: str, family: int, at: Source) -> tuple[str, int]:
    """Return a literal in full with its own family, which beats the one asked for."""
    import socket

    try:
        return socket.inet_ntoa(socket.inet_aton(address)), 4
    except (OSError, UnicodeError):
        if ":" not in address:
            return address, family
    try:
        ipaddress.IPv6Address(address)
    except ValueError:
        raise ConfigurationError("this is no IPv6 address", *at) from None
    return address, 6
