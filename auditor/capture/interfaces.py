"""The network interfaces that can be named."""

from __future__ import annotations

import socket

from auditor.errors import CaptureError

#: Name that stands for all interfaces.
ANY = "any"


def present() -> list[str]:
    """Return the names of the interfaces of this network namespace."""
    return [name for _, name in socket.if_nameindex()]


def check_interfaces(names: tuple[str, ...]) -> None:
    """Raise CaptureError for an interface that is not there."""
    there = present()
    for name in names:
        if name != ANY and name not in there:
            raise CaptureError(
                f"There is no interface {name!r} here: choose among {', '.join((*there, ANY))}."
            )
