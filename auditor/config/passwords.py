"""Passwords: told apart, never kept (bareos.md §5.5)."""

from __future__ import annotations

import hashlib
import hmac
import re
import secrets

from auditor.config.resources import Secret

_KEY = secrets.token_bytes(32)
_HASHED = re.compile(r"[0-9A-Fa-f]{32}")
_PREFIX = "[md5]"
_URI_PASSWORD = re.compile(r"(://[^:@/\s]*:)[^@\s]*(?=@)")
_NAMED_PASSWORD = re.compile(
    r"(passw(?:or)?d\w*+\s*+=\s*+)('(?:\\.|[^'\\])*+'?|[^\s&]++)", re.IGNORECASE
)
#: libpq's own limit is of this order; the search above is quadratic.
_LONGEST_CONNINFO = 4096


def hashed_password(text: str) -> Secret | None:
    """Return the fingerprint of a password that Bareos keeps as its md5.

    ``[md5]<32 hexadecimal digits>`` equals the clear text it was made from. None: ``[md5]`` is
    followed by something else, which the real parser refuses.
    """
    if not text.startswith(_PREFIX):
        return _fingerprint(_md5(text))
    digest = text.removeprefix(_PREFIX)
    return _fingerprint(digest) if _HASHED.fullmatch(digest) else None


def clear_password(text: str) -> Secret:
    """Return the fingerprint of a password that Bareos uses as it stands: catalog, NDMP."""
    return _fingerprint(_md5(text))


def is_empty(text: str) -> bool:
    """Tell whether a password is empty, also as its md5; Bareos refuses both where it needs one."""
    return text in _EMPTY


def without_passwords(conninfo: str) -> str:
    """Return a database name that may be a libpq connection string, its passwords as ``…``."""
    if len(conninfo) > _LONGEST_CONNINFO:
        return "…"
    return _NAMED_PASSWORD.sub(r"\1…", _URI_PASSWORD.sub(r"\1…", conninfo))


def _md5(text: str) -> str:
    data = text.encode("utf-8", "surrogateescape")
    return hashlib.md5(data, usedforsecurity=False).hexdigest()


_EMPTY = frozenset({"", _PREFIX + _md5("")})


def _fingerprint(digest: str) -> Secret:
    return Secret(hmac.digest(_KEY, digest.encode(), "sha256"))
