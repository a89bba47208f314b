"""Hellos that a capture cut: it keeps only so much of each packet (its snaplen)."""

from __future__ import annotations

from auditor.flows.flow import Hello

#: Types of TLS records, and what precedes the octets of one (RFC 8446 §5.1).
_RECORDS, _RECORD_HEAD = range(20, 24), 5
#: The length in front of a message of Bareos (bareos.md §3.1).
_LENGTH = 4
#: What is kept of a packet cuts no segment of a usual network from here on: an Ethernet frame of
#: 1500 octets and its header. Who sends longer ones on purpose is not doubted for it.
_WHOLE_SEGMENTS = 1514


def is_cut(hello: Hello, said: bytes, stream: int | None, snaplen: int) -> bool:
    """Tell whether a name may stand in what the capture did not keep of a hello.

    ``said``: what it has of the initiator's ``stream``, whose length in octets is None where it is
    not known. How much of a packet is kept (``snaplen``; 0: all) only the file says, by its head or
    by what it cut (``packets.cut_frames``): who sends a segment that claims to be longer than it is
    hides nothing by it.
    """
    if not 0 < snaplen < _WHOLE_SEGMENTS or hello.identity is not None:
        return False
    return (stream or 0) > len(said) and len(said) < _first_message(said)


def _first_message(said: bytes) -> int:
    """Return how long the first message is, or at least."""
    if len(said) < _RECORD_HEAD:
        return _RECORD_HEAD
    if said[0] in _RECORDS:
        return _RECORD_HEAD + int.from_bytes(said[3:5], "big")
    return _LENGTH + int.from_bytes(said[:_LENGTH], "big")
