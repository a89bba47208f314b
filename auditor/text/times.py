"""Times as text: ISO 8601 in UTC, and lengths of time as people say them."""

from __future__ import annotations

from datetime import UTC, datetime

_NS = 1_000_000_000


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
