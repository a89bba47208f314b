"""Names on the wire made into identities: PSK identities and CRAM-MD5 names."""

from __future__ import annotations

import re

from auditor.flows.flow import Identity

#: ``R_<TYPE>`` 0x1e name, blanks in the name unchanged (bareos.md §3.4).
_PSK = re.compile("(R_[A-Z_]{1,30})\x1e(.+)", re.DOTALL)

#: ``R_<TYPE>::name``, as the challenges of CRAM-MD5 spell it (bareos.md §3.3).
_QUALIFIED = re.compile("(R_[A-Z_]{1,30})::(.+)", re.DOTALL)

#: A plain PSK identity longer than this is no name that a person chose: OpenSSL allows 256.
_PLAIN_LIMIT = 256


def decode(raw: bytes) -> str:
    """Return ``raw`` as text; what is not UTF-8 becomes U+FFFD."""
    return raw.decode("utf-8", "replace")


def unbash(text: str) -> str:
    """Return ``text`` with its blanks restored: Bareos sends them as 0x01 (bareos.md §3.3)."""
    return text.replace("\x01", " ")


def psk_identity(raw: bytes) -> Identity | None:
    """Return what a TLS pre-shared key identity names.

    An identity in the form of bareos.md §3.4 has its type. Any other readable text is kept with
    an empty type, so that an auditor sees who does not name itself as Bareos does. The rest
    (session tickets are opaque bytes) names nobody: None.
    """
    text = decode(raw)
    if match := _PSK.fullmatch(text):
        return Identity(match[1], match[2])
    readable = 0 < len(text) <= _PLAIN_LIMIT and text.isprintable() and "\ufffd" not in text
    return Identity("", text) if readable else None


def first_identity(raws: tuple[bytes, ...]) -> Identity | None:
    """Return the first identity in Bareos form, else the first readable one, else None."""
    named = [identity for raw in raws if (identity := psk_identity(raw))]
    return next((identity for identity in named if identity.type), named[0] if named else None)


def challenge_identity(text: str) -> Identity | None:
    """Return the identity that the name in a CRAM-MD5 challenge claims, blanks already restored.

    A name without a type, as other programs send, keeps an empty type; an empty name is None.
    """
    if match := _QUALIFIED.fullmatch(text):
        return Identity(match[1], match[2])
    return Identity("", text) if text else None
