"""Times as text: ISO 8601 in UTC."""

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
