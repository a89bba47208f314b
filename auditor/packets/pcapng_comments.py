"""What a recording says of itself in comments, for people and for whoever reads it back.

That it was thinned, what it lacks, how long it ran, the addresses of the host that recorded it, and
socket facts, each as one line of text:

::

    bareos-audit host 10.0.0.31 2001:db8::31

    bareos-audit socket local=10.0.0.31:40000 remote=[2001:db8::1]:9103 state=ESTABLISHED pid=711
    process="bareos-fd" keepalive=on idle=60 interval=60 count=9 own=yes heard=12.5 time=1800…

(one line in truth). The line is stable: every key always, in this order, except ``heard``, which
is left out when it is not known. Wireshark and ``tshark -e frame.comment`` show it as it is.
"""

from __future__ import annotations

import ipaddress
import math
import re
from collections.abc import Iterable
from dataclasses import dataclass

from auditor.text import printable
from auditor.text.endpoint_text import endpoint_from_text, endpoint_to_text

#: A section's comment: absent segments were left out, not lost.
THINNED = "bareos-audit thin/1"
#: A section's comment: only the packets of one finding are there.
EXCERPT = "bareos-audit excerpt/1"
#: What every line on something that was lost before thinning begins with.
LACKS = "bareos-audit lacks "
#: And on what nobody could read of the full capture: anybody can send such, so it hides nothing.
UNREADABLE = "bareos-audit unreadable "
#: What evidence that does not say where its clock was set has instead: how many packets of the full
#: capture were older than the one before them.
BACKWARDS = "bareos-audit backwards "
#: What was counted on an interface, as ``key=number``; it follows from some of them what the losses
#: may hide.
COUNTERS = "bareos-audit counters "
_COUNTER = re.compile(r"(withheld|lost_new)=([0-9]{1,18})(?!\S)", re.ASCII)
#: How long (ns) a connection is new: ``lost_new`` counts what was lost of such.
NEW_NS = 2_000_000_000
_LAYER = re.compile(r"bareos-audit layer (?P<count>[1-9][0-9]{0,17}) (?P<layer>[ -~]{1,80})")
_SPAN = re.compile(
    r"bareos-audit (?P<word>span|hole) (?P<first>-?[0-9]{1,19}) (?P<last>-?[0-9]{1,19})", re.ASCII
)

#: What every line with the recording host's addresses begins with.
HOST = "bareos-audit host "
#: Addresses of a host that are written down: Linux hosts with more are routers.
MAX_ADDRESSES = 256
#: And so many in one line, so that it stays below ``MAX_NOTE``.
_ADDRESSES_A_LINE = 10

#: What every line of a socket fact begins with.
PREFIX = "bareos-audit socket "
#: Characters of a process name: Linux itself keeps 15 bytes of it.
MAX_PROCESS = 64
#: Characters of a line; a longer one is not ours.
MAX_NOTE = 512

_END = r"(?:\[[0-9a-f:.]{2,45}\]|[0-9.]{7,15}):[0-9]{1,5}"
_SECONDS = r"[0-9]{1,10}(?:\.[0-9]{1,9})?"
_LINE = re.compile(
    rf"{PREFIX}local=(?P<local>{_END}) remote=(?P<remote>{_END}) state=(?P<state>[A-Z0-9-]{{1,16}})"
    r' pid=(?P<pid>[0-9]{1,10}) process="(?P<process>(?:[^"\\]|\\["\\])*)"'
    rf" keepalive=(?P<keepalive>on|off) idle=(?P<idle>{_SECONDS}) interval=(?P<interval>{_SECONDS})"
    rf" count=(?P<count>[0-9]{{1,10}}) own=(?P<own>yes|no)(?: heard=(?P<heard>{_SECONDS}))?"
    r" time=(?P<time>[0-9]{1,19})",
    re.ASCII,
)
_ESCAPED = re.compile(r'[\\"]')
_ESCAPE = re.compile(r"\\(.)")
_MAX_TIME = (1 << 63) - 1
#: Times of packets are held within this, so that no difference of two can overflow.
LATEST = 1 << 62


@dataclass(frozen=True, slots=True)
class SocketFact:
    """The keepalive settings and the owner of one of this host's Bareos sockets."""

    time: int
    """ns UTC at which it was read."""
    local: tuple[str, int]
    """Address (usual spelling) and port."""
    remote: tuple[str, int]
    state: str
    """TCP state by RFC 9293, such as ``SYN-SENT`` or ``ESTABLISHED``."""
    keepalive: bool
    """SO_KEEPALIVE is on."""
    idle_s: float
    """Effective TCP_KEEPIDLE, seconds; where the socket sets none, its namespace's sysctl."""
    interval_s: float
    """Effective TCP_KEEPINTVL, seconds."""
    count: int
    """Effective TCP_KEEPCNT."""
    own_timers: bool
    """The socket sets TCP_KEEPIDLE itself; False: the sysctl default holds."""
    pid: int
    """Process that opened it; 0: not known."""
    process: str
    """Its name (comm); empty: not known."""
    heard_s: float | None = None
    """Seconds since the socket last received anything; None: not known."""


def span_to_comment(first: int, last: int) -> str:
    """Return the line that says from when to when (ns UTC) a capture would have seen a packet."""
    return f"bareos-audit span {first} {last}"


def counters_from_comment(text: str) -> dict[str, int]:
    """Return of a line of counters ``withheld`` and ``lost_new``, where it has them; empty: it is
    none."""
    if not text.startswith(COUNTERS) or len(text) > MAX_NOTE:
        return {}
    return {name: int(count) for name, count in _COUNTER.findall(text)}


def layer_to_comment(count: int, layer: str) -> str:
    """Return the line that says that so many packets of a layer could not be decoded."""
    return f"bareos-audit layer {count} {layer}"


def layer_from_comment(text: str) -> tuple[int, str] | None:
    """Return what such a line says, or None for any other text."""
    found = _LAYER.fullmatch(text) if len(text) <= MAX_NOTE else None
    return (int(found["count"]), found["layer"]) if found is not None else None


def hole_to_comment(begin: int, end: int) -> str:
    """Return the line that says from when to when (ns UTC) nobody recorded, between two files."""
    return f"bareos-audit hole {begin} {end}"


def span_from_comment(text: str, word: str = "span") -> tuple[int, int] | None:
    """Return the span, or the ``hole``, that a comment states, or None for any text that is not
    such a line."""
    found = _SPAN.fullmatch(text) if len(text) <= MAX_NOTE else None
    if found is None or found["word"] != word:
        return None
    first, last = int(found["first"]), int(found["last"])
    return (first, last) if -LATEST <= first <= last <= LATEST else None


def addresses_to_comments(addresses: Iterable[str]) -> list[str]:
    """Return the lines that name the recording host's own addresses; none without any."""
    listed = sorted(addresses)[:MAX_ADDRESSES]
    starts = range(0, len(listed), _ADDRESSES_A_LINE)
    return [HOST + " ".join(listed[start : start + _ADDRESSES_A_LINE]) for start in starts]


def addresses_from_comment(text: str) -> tuple[str, ...]:
    """Return the addresses that a comment names, in their usual spelling; none for any text that
    is not such a line."""
    if not text.startswith(HOST) or len(text) > MAX_NOTE:
        return ()
    try:
        return tuple(str(ipaddress.ip_address(one)) for one in text.removeprefix(HOST).split(" "))
    except ValueError:
        return ()


def facts_to_comment(fact: SocketFact) -> str:
    """Return the line for a socket fact; seconds keep nine decimals, names lose control codes."""
    process = _ESCAPED.sub(r"\\\g<0>", printable(fact.process, MAX_PROCESS))
    heard = "" if fact.heard_s is None else f" heard={_seconds(fact.heard_s)}"
    return (
        f"{PREFIX}local={endpoint_to_text(*fact.local)} remote={endpoint_to_text(*fact.remote)}"
        f" state={fact.state}"
        f' pid={fact.pid} process="{process}"'
        f" keepalive={'on' if fact.keepalive else 'off'}"
        f" idle={_seconds(fact.idle_s)} interval={_seconds(fact.interval_s)} count={fact.count}"
        f" own={'yes' if fact.own_timers else 'no'}{heard} time={fact.time}"
    )


def fact_from_comment(text: str) -> SocketFact | None:
    """Return the fact that a comment states, or None for any text that is not such a line.

    Strict, since a capture may come from anyone: nothing before or after the line, addresses and
    ports must be such, and a process name may hold nothing that moves a cursor.
    """
    found = _LINE.fullmatch(text) if len(text) <= MAX_NOTE else None
    if found is None:
        return None
    local, remote = endpoint_from_text(found["local"]), endpoint_from_text(found["remote"])
    process = _ESCAPE.sub(r"\1", found["process"])
    time = int(found["time"])
    if local is None or remote is None or time > _MAX_TIME:
        return None
    if printable(process, MAX_PROCESS) != process:
        return None
    return SocketFact(
        time=time,
        local=local,
        remote=remote,
        state=found["state"],
        keepalive=found["keepalive"] == "on",
        idle_s=float(found["idle"]),
        interval_s=float(found["interval"]),
        count=int(found["count"]),
        own_timers=found["own"] == "yes",
        pid=int(found["pid"]),
        process=process,
        heard_s=None if found["heard"] is None else float(found["heard"]),
    )


def _seconds(value: float) -> str:
    if not math.isfinite(value):  # a kernel that says so is not believed, and the line stays whole
        return "0"
    text = f"{min(max(value, 0.0), 9_999_999_999.0):.9f}"
    return text.rstrip("0").rstrip(".")
