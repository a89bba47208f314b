"""Times as text: ISO 8601 in UTC, and lengths of time as people say them."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

_NS = 1_000_000_000
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


def iso(time: int, *, brief: bool = False) -> str:
    """Return a time (ns since the epoch, UTC) with nanoseconds and ``Z``.

    ``brief``, for sentences: no more decimals than it needs (none, six or nine) and ``+00:00``.
    """
    seconds, rest = divmod(time, _NS)
    whole = datetime.fromtimestamp(seconds, UTC).isoformat()[:19]
    if not brief:
        return f"{whole}.{rest:09d}Z"
    decimals = f".{rest:09d}" if rest else ""
    return f"{whole}{decimals[:7] if rest % 1000 == 0 else decimals}+00:00"


def from_iso(text: str) -> int:
    """Return the time (ns since the epoch, UTC) of which ``iso`` makes this text, with nanoseconds
    and ``Z``. Raises ValueError for any other text."""
    if len(text) != len("2027-01-15T08:00:00.123456789Z") or text[19] != "." or text[29] != "Z":
        raise ValueError(f"{text[:40]!r} is no time in UTC with nanoseconds")
    whole = datetime.fromisoformat(f"{text[:19]}+00:00")
    seconds = (whole - _EPOCH) // timedelta(seconds=1)
    rest = text[20:29]
    if not (rest.isascii() and rest.isdigit()):
        raise ValueError(f"{text[:40]!r} is no time in UTC with nanoseconds")
    return seconds * _NS + int(rest)


def length(seconds: float) -> str:
    """Return a length of time as people say it, exact to the second from two minutes on:
    ``67.5 s``, ``20 min``, ``2 h 15 min``."""
    if seconds < 120:
        return f"{seconds:.1f}".removesuffix(".0") + " s"
    rest = round(seconds)
    parts = []
    for size, unit in ((86400, "d"), (3600, "h"), (60, "min"), (1, "s")):
        number, rest = divmod(rest, size)
        if number:
            parts.append(f"{number} {unit}")
    return " ".join(parts)
