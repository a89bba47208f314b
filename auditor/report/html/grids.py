"""Tables of any length: the first rows as markup, all of them as data that the script shows page
by page."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import islice

from markupsafe import Markup

from auditor.report.cells import iter_records, number, text
from auditor.report.html.inert import as_data
from auditor.report.told import flow_words
from auditor.report.told.groups import heartbeat_verdict, identity
from auditor.report.told.standing import PROOF_COLUMNS, state_of
from auditor.report.told.view import View
from auditor.report.told.words import moment, span
from auditor.text.endpoint_text import endpoint_to_text

#: Rows that a page shows without its script, and with it at a time.
PAGE = 25
#: Rows of one table: a browser holds no million of them; JSON and CSV have all.
MOST_LISTED = 50_000

#: Cells; the first is the connection number, by which rows are filtered, the second a state.
GridRow = Sequence[str]


@dataclass(frozen=True)
class Grid:
    """One table as a template needs it."""

    what: str
    """What its rows are, in the plural."""
    caption: str
    columns: Sequence[str]
    rows: Sequence[GridRow]
    total: int
    """Rows that there are, of which ``rows`` has the first."""

    @property
    def first(self) -> Sequence[GridRow]:
        """The rows of the first page."""
        return self.rows[:PAGE]

    @property
    def data(self) -> Markup:
        """All rows, for the script; one a line, for whoever compares pages."""
        return Markup("[\n{}\n]").format(Markup(",\n").join(map(as_data, self.rows)))


def grid(what: str, caption: str, columns: Sequence[str], rows: Iterable[GridRow]) -> Grid:
    """Return a table of these rows, or as many of them as a browser holds."""
    waiting = iter(rows)
    held = list(islice(waiting, MOST_LISTED))
    return Grid(what, caption, columns, held, len(held) + sum(1 for _ in waiting))


_FLOW_COLUMNS = (
    "no.",
    "state",
    "who dialled",
    "from",
    "whom",
    "at",
    "seen",
    "heartbeat",
    "identity",
    "began",
    "lasted",
    "flow",
)


def flow_grid(view: View) -> Grid:
    """Return the connections that were seen, one a row."""
    return grid("connections", "Every connection that was seen", _FLOW_COLUMNS, _flow_rows(view))


def _flow_rows(view: View) -> Iterable[GridRow]:
    several = len(view.captures) > 1
    for flow in iter_records(view.audit.tables["flows"], _NEEDED):
        number_ = text(flow, "connection")
        name = text(flow, "id")
        lasted = number(flow, "duration_s")
        yield (
            number_ or "–",
            state_of(view, flow),
            flow_words.initiator(flow, number_),
            endpoint_to_text(text(flow, "initiator_address"), flow["initiator_port"]),
            flow_words.acceptor(flow, number_),
            flow_words.dialled(flow),
            flow_words.seen(flow)[0],
            _heartbeat(heartbeat_verdict(flow), flow_words.expected(flow)),
            identity(flow),
            moment(flow["started"], view.day),
            span(lasted) if lasted is not None else "",
            f"{name} in {text(flow, 'capture')}" if several else name,
        )


def _heartbeat(verdict: str, expected: str) -> str:
    return "" if verdict == "notapplicable" else f"{expected.strip('?')} {verdict}".strip()


#: What a row is made of; the other columns are many.
_NEEDED = (
    *PROOF_COLUMNS,
    "capture",
    "initiator_address",
    "initiator_port",
    "initiator_daemon",
    "acceptor_address",
    "acceptor_port",
    "acceptor_daemon",
    "connection",
    "started",
    "ending",
    "duration_s",
    "transport",
    "tls_version",
    "identity_name",
    "identity_elsewhere",
    "networks",
    "heartbeat_expected_s",
    "heartbeat_due",
    "heartbeat_verdict",
    "heartbeat_fault",
    "socket_verdict",
    "segments",
)
