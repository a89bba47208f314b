"""What the page shows of the site itself: topology, operating modes, heartbeats, coverage, and how
it was recorded."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from typing import Any

from markupsafe import Markup

from auditor.report.cells import number, text, texts
from auditor.report.html.grids import Grid, GridRow, grid
from auditor.report.html.plots import inline
from auditor.report.pictures.beat_plot import beat_plot
from auditor.report.pictures.sheet import Picture
from auditor.report.pictures.topology_plot import topology_plot
from auditor.report.told.groups import Row
from auditor.report.told.modes import ClientMode, client_modes
from auditor.report.told.problems import left_problems
from auditor.report.told.reach import Reach, reached
from auditor.report.told.survival import survivals
from auditor.report.told.topology import drawable, topology
from auditor.report.told.view import View
from auditor.report.told.words import moment, places, span
from auditor.text.endpoint_text import endpoint_to_text
from auditor.text.times import iso


def topology_section(view: View) -> Mapping[str, Any]:
    """Return the picture of who dialled whom, and its edges as a table."""
    whole = topology(view)
    rows = (
        (
            edge.number or "–",
            str(edge.state),
            edge.initiator,
            edge.acceptor,
            ", ".join(list(edge.dialled)[:4]),
            f"{edge.flows:,}",
        )
        for edge in whole.edges
    )
    columns = ("no.", "state", "who dialled", "whom", "at", "connections")
    return {
        "picture": _picture(topology_plot(drawable(whole))),
        "strangers": [node.name for node in whole.nodes.values() if node.stranger],
        "table": grid("edges", "Who dialled whom, at which address", columns, rows),
    }


_MODE_COLUMNS = ("numbers", "state", "client", "Director", "mode", "allowed", "forbidden", "seen")


def mode_section(view: View) -> Grid:
    """Return each client with the numbers that its mode allows and those that were seen."""
    caption = "What each client's mode allows, beside what was seen"
    return grid("clients", caption, _MODE_COLUMNS, map(_mode, client_modes(view)))


def _mode(one: ClientMode) -> GridRow:
    seen = (f"{name} × {times:,}" for name, times in one.seen.items())
    odd = f"not allowed: {', '.join(one.odd)}" if one.odd else ""
    return (
        " ".join(sorted({*one.allowed, *one.seen})),
        odd or ("as allowed" if one.seen else "not seen"),
        one.client,
        one.director,
        one.mode,
        ", ".join(sorted(one.allowed)),
        ", ".join(sorted(one.forbidden)),
        ", ".join(seen),
    )


#: Captures of which the page tells how they were made: a ring has thousands.
MOST_RECORDINGS = 50

_BEAT_COLUMNS = (
    "no.",
    "verdict",
    "who dials",
    "whom",
    "set to",
    "survives idle limits from",
    "probes seen every",
    "answered",
    "longest silence survived",
    "why",
    "set in",
)


def heartbeat_section(view: View) -> Mapping[str, Any]:
    """Return what each connection survives, and the raster of silences and probes."""
    rows = (
        (
            text(one.row, "connection"),
            one.verdict or "not seen",
            text(one.row, "initiator"),
            text(one.row, "acceptor"),
            one.set_to,
            one.survives,
            one.seen,
            f"{one.answered} of {one.probes}" if one.probes else "",
            span(one.silence) if one.silence else "",
            one.reason,
            view.short(text(one.row, "heartbeat_source")),
        )
        for one in survivals(view)
    )
    caption = "What each connection survives: its first probe comes before such a limit"
    return {
        "picture": _picture(beat_plot(view)),
        "table": grid("heartbeats", caption, _BEAT_COLUMNS, rows),
    }


def coverage_section(view: View) -> Mapping[str, Any]:
    """Return what was seen of what the configuration calls for."""
    found = [*reached(view)]
    counts = Counter(one.reach for one in found)
    rows = (
        (
            text(one.row, "connection"),
            str(one.reach),
            text(one.row, "initiator"),
            text(one.row, "acceptor"),
            endpoint_to_text(text(one.row, "address") or "any address", one.row["port"]),
            text(one.row, "permission"),
            one.why,
        )
        for one in found
    )
    columns = ("no.", "coverage", "who dials", "whom", "at", "may it", "why")
    return {
        "counts": [(str(reach), counts[reach]) for reach in Reach if counts[reach]],
        "total": len(found),
        "table": grid("expectations", "Every connection that is expected", columns, rows),
    }


def recording_section(view: View) -> list[Mapping[str, Any]]:
    """Return how captures were made and what they lost, first those that lost something."""
    rows = sorted(view.captures, key=lambda row: not row["incomplete"])
    return [_recording(row) for row in rows[:MOST_RECORDINGS]]


def _recording(row: Row) -> Mapping[str, Any]:
    dropped, missing = number(row, "dropped"), number(row, "missing")
    first, last = moment(row["first"]), moment(row["last"], text(row, "first")[:10])
    facts = {
        "Recorded by": text(row, "backend"),
        "Format": ", ".join(filter(None, (text(row, "format"), text(row, "link")))),
        "Time": f"{first} – {last} UTC, {span(number(row, 'duration_s') or 0)}" if first else "",
        "Packets": f"{int(number(row, 'packets') or 0):,}",
        "TCP segments on the site's ports": f"{int(number(row, 'segments') or 0):,}",
        "Dropped by the recorder": "it does not say" if dropped is None else f"{int(dropped):,}",
        "Octets acknowledged, yet not in it": f"{int(missing or 0):,}",
    }
    return {
        "name": text(row, "name"),
        "facts": [(name, told) for name, told in facts.items() if told],
        "incomplete": text(row, "incomplete_reason") if row["incomplete"] else "",
        "notes": [*texts(row, "notes"), *texts(row, "summarised")],
    }


def opinion_section(view: View) -> Mapping[str, Any] | None:
    """Return what another program says of the same captures; None: none was asked."""
    opinion = view.audit.opinion
    if opinion is None:
        return None
    agreements = [
        {
            "what": one.what,
            "both": one.both,
            "ours": one.ours - one.both,
            "theirs": one.theirs - one.both,
            "mark": "pass" if one.ours == one.theirs == one.both else "unknown",
        }
        for one in opinion.agreements
    ]
    rows = (
        (
            "–",
            "only here" if one.ours else "only there",
            one.what,
            one.ends,
            "" if one.frame is None else f"{one.frame}",
            moment(iso(one.time), view.day) if one.time is not None else "",
            one.reason,
            one.capture,
        )
        for one in opinion.differences
    )
    columns = ("no.", "seen", "what", "ends", "frame", "time", "why", "capture")
    return {
        "program": opinion.program,
        "agreements": agreements,
        "incomplete": opinion.incomplete,
        "more": opinion.more,
        "table": grid("differences", "Every difference, with its frame", columns, rows),
    }


def problem_section(view: View) -> list[Mapping[str, Any]]:
    """Return what was wrong in the configuration itself, or could not be read: equal sentences
    once, with every place."""
    return [
        {"sentence": sentence, "places": places([view.short(one) for one in found])[:6]}
        for sentence, found in left_problems(view).items()
    ]


def _picture(picture: Picture | None) -> Markup:
    """Return a picture, or nothing where none can be drawn: a recorder that gave up its rights may
    read no font, and the table has all that a picture shows."""
    try:
        return inline(picture)
    except (ImportError, OSError):
        return Markup("")
