"""What dumpcap writes when it gives up, as one sentence that says what to do."""

from __future__ import annotations

from auditor.capture.rights.capabilities import Capability, how_to_grant
from auditor.text import printable

_PREFIX = "dumpcap: "
#: Part of dumpcap's or libpcap's message, and what it comes to; the first that fits is taken.
_MEANINGS = (
    ("no longer attached", "Interface {name} was removed: the recording ends here."),
    ("went down", "Interface {name} went down: the recording ends here."),
    ("no device named", "There is no interface {name}: «ip link» lists them."),
    ("No such device", "There is no interface {name}: «ip link» lists them."),
    ("ermission", "dumpcap may not capture on {name}: {grant}"),
    ("not permitted", "dumpcap may not capture on {name}: {grant}"),
)


def why_ended(text: str, name: str) -> str:
    """Return why dumpcap ended, from its stderr ``text``, for the interface ``name``."""
    shown = printable(name, 64)
    for part, meaning in _MEANINGS:
        if part in text:
            return meaning.format(name=shown, grant=how_to_grant((Capability.CAP_NET_RAW,)))
    lines = [
        line.strip().removeprefix(_PREFIX)
        for line in text.splitlines()
        if line.strip().startswith((_PREFIX, "("))
    ]
    if lines:
        return f"dumpcap ended on {shown}: {printable(' '.join(lines[:2]))}"
    return f"dumpcap ended on {shown} and did not say why."
