"""Comments of firewall rules: which connection each line is for, and which file says so.

Names and paths are foreign text: a comment holds no line end, quote or backslash, and is never
longer than its place.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from auditor.judge.openings_seen import Seen
from auditor.report.told.words import count
from auditor.site.connections import connections
from auditor.site.model import Expectation
from auditor.site.openings.opening import Direction, Gap, Opening, family
from auditor.text import SENTENCE, printable
from auditor.text.listing import first_of

#: Octets of a comment that nft keeps with an element (nft 1.0.6 refuses 128 and more).
KERNEL_COMMENT = 127
#: Connections, and places in the configuration, that one comment names.
_MOST = 4
#: Octets of a name in a comment that the kernel keeps.
_NAME = 28
_QUOTES = str.maketrans({'"': "'", "\\": "/"})


def commented(lines: Iterable[str], indent: str = "") -> Iterator[str]:
    """Yield texts as lines of comment, each below the 10240 octets that iptables-restore reads of
    a line."""
    for line in lines:
        yield f"{indent}# {printable(line, SENTENCE)}".rstrip()


def _quotable(text: str) -> str:
    """Return a text that does not end a quoted string."""
    return printable(text, len(text)).translate(_QUOTES)


def numbers(uses: Iterable[Expectation]) -> str:
    """Return the numbers of connections, once each, in their order."""
    found = {use.connection for use in uses}
    return ", ".join(number for number in connections() if number in found)


def described(uses: tuple[Expectation, ...]) -> str:
    """Return which connections these are, who dials whom, and the places that say so."""
    ends: dict[tuple[str, str], list[Expectation]] = {}
    for use in uses:
        ends.setdefault((str(use.initiator), str(use.acceptor)), []).append(use)
    told = [f"{numbers(same)}: {one} -> {other}" for (one, other), same in ends.items()]
    return f"{_joined(told)} ({first_of(places(uses), _MOST)})"


def _joined(told: list[str]) -> str:
    more = f" and {count(len(told) - _MOST, 'pair')} more" if len(told) > _MOST else ""
    return "; ".join(told[:_MOST]) + more


def places(uses: Iterable[Expectation]) -> list[str]:
    """Return the file:line of what permits each connection, and of the address that it dials."""
    found = (place for use in uses for place in (use.permission_source, use.target.source))
    return list(dict.fromkeys(str(one) for one in found if one is not None))


def kept_by_kernel(one: Opening) -> str:
    """Return the comment of an opening as the kernel keeps it with the rule: numbers, the first two
    ends, and the end of the first place."""
    first = one.uses[0]
    names = [
        _cut(_quotable(end.name or str(end)), _NAME) for end in (first.initiator, first.acceptor)
    ]
    text = f"{numbers(one.uses)} {' > '.join(names)}"
    listed = places(one.uses)
    left = KERNEL_COMMENT - len(text.encode()) - 1
    if listed and left > 0:
        text = f"{text} {_cut_front(_quotable(listed[0]), left)}"
    return _cut(text, KERNEL_COMMENT)


def _cut(text: str, octets: int) -> str:
    """Return the beginning of a text."""
    return text if len(text) * 4 <= octets else text.encode()[:octets].decode(errors="ignore")


def _cut_front(text: str, octets: int) -> str:
    """Return the end of a text, from the beginning of a path's part if it can be."""
    octets_ = text.encode()
    if len(octets_) <= octets:
        return text
    end = octets_[-octets:].decode(errors="ignore")
    return end.partition("/")[2] or end


def missing(gap: Gap) -> list[str]:
    """Return what a gap is about, in lines for a comment."""
    return [described(gap.uses), f"left out: {gap.missing}; {gap.remedy}"]


def opening_lines(one: Opening, direction: Direction, seen: Seen | None) -> list[str]:
    """Return what an opening is for, and whether it was used, in lines for a comment."""
    told = described(one.uses)
    if one.translated:
        told += (
            "; as a router with NAT sees it, which puts this address in place of the dialled one"
        )
    if seen is not None:
        made = seen.used.get((direction, (one.source, one.address, one.port)), 0)
        told += f"; used by {count(made, 'connection')}" if made else "; not used"
    return [told]


def families(*addresses: str | None) -> Iterator[int]:
    """Yield the IP versions that a line with these addresses, some of them missing, may be of."""
    known = {family(one) for one in addresses if one}
    yield from known or (4, 6)
