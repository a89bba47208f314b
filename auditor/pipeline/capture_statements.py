"""What a reader must know of the captures themselves: what of them was not read, where their clock
was set, and what has no rows."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING

from auditor.pipeline.network import Network
from auditor.text.listing import first_of

if TYPE_CHECKING:
    from auditor.judge.tables.table import Table

#: The tables of an audit by name, findings and settings among them.
Tables = Mapping[str, "Table"]
#: So many names are shown.
_SHOWN = 3


def undecoded(network: Network, tables: Tables) -> Iterator[str]:
    """What may have held connections and was not read."""
    del network
    captures = tables.get("captures")
    if captures is None:
        return
    packets = sum(count or 0 for count in captures.values("undecoded"))
    if packets:
        found = [one for layers in captures.values("undecoded_layers") for one in layers]
        yield (
            f"{packets:,} packets could not be decoded ({first_of(found, _SHOWN)}): connections "
            "that they may have held are not seen, and none of those is called missing"
        )


def clock(network: Network, tables: Tables) -> Iterator[str]:
    """Where no silence is judged, since nobody knows how long it was."""
    del network
    captures = tables.get("captures")
    steps = captures.values("clock_steps") if captures is not None else ()
    times = sum(map(len, steps))
    if times:
        often = "once" if times == 1 else f"{times:,} times"
        yield (
            f"the clock of what was captured was set {often}: no silence that this cuts is "
            "judged (see CAPTURES)"
        )


def several_networks(network: Network, tables: Tables) -> Iterator[str]:
    """Which hosts are not one, though they have one address."""
    flows = tables.get("flows")
    words = flows.values("networks") if flows is not None else ()
    same = {name: one for one in network.site_file.same_network for name in one}
    each = [[other for name in some for other in same.get(name, [name])] for some in words if some]
    seen = list(dict.fromkeys(" and ".join(dict.fromkeys(one)) for one in each))
    if seen:
        held = (
            ", each held against this configuration by itself (what is one network is said under "
            "`same_network` of the site file)"
            if network.site is not None
            else ""
        )
        yield (
            f"hosts of several networks have the same addresses ({first_of(seen, _SHOWN)}): their "
            f"connections are told apart{held}"
        )


def translated(network: Network, tables: Tables) -> Iterator[str]:
    """What has a row for each side of a NAT: nobody shall take it for several connections."""
    del network
    flows = tables.get("flows")
    if flows is None:
        return
    rows = zip(flows.values("id"), flows.values("translated_as"), strict=True)
    known = {name: others for name, others in rows if others}
    if known:
        first = next(iter(known))
        yield (
            f"{len(known):,} flows are connections that were seen on both sides of a NAT or a "
            "proxy, under other addresses or ports (`translated_as`): "
            f"{first} and {known[first][0]} are one"
        )


def only_counted(network: Network, tables: Tables) -> Iterator[str]:
    """What a flood left without rows: nothing is hidden without a word."""
    del network
    captures = tables.get("captures")
    for sentences in captures.values("summarised") if captures is not None else ():
        yield from sentences[:_SHOWN]
        if len(sentences) > _SHOWN:
            yield f"and so are attempts of {len(sentences) - _SHOWN} more kinds: see CAPTURES"
