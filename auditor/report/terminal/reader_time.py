"""Times as the reader wants them: in UTC, or in the zone of this machine, which is named."""

from __future__ import annotations

from datetime import datetime

from auditor.report.cells import Value, text
from auditor.report.told.view import View
from auditor.report.told.words import moment

_UTC = "UTC"
#: As far as the day and the second of a time in ISO 8601.
_SECOND = len("2027-01-15T08:00:00")


class ReaderTime:
    """How times are written; all that are given are ISO 8601 in UTC."""

    def __init__(self, *, local: bool) -> None:
        self._local = local
        self._known: tuple[View, str] | None = None

    def moment(self, iso: Value, view: View | None = None) -> str:
        """Return a time to the second, without its date where the audit that is given has but that
        one."""
        day = "" if view is None else self._day(view)
        return moment(self._shown(iso)[0], day)

    def dated(self, iso: Value) -> str:
        """Return a time to the second, and the name of its zone; empty: there is none."""
        shown, zone = self._shown(iso)
        return f"{moment(shown)} {zone}" if shown else ""

    def between(self, first: Value, last: Value, to: str) -> str:
        """Return from when to when, with the name of the zone, or of both where clocks were set in
        between; empty: the first is not known."""
        begin, zone = self._shown(first)
        end, then = self._shown(last)
        if not begin:
            return ""
        begun = moment(begin) if zone == then else f"{moment(begin)} {zone}"
        return f"{begun} {to} {moment(end, begin[:10])} {then}"

    def _day(self, view: View) -> str:
        """Return the only date on which something was captured; empty: there are several."""
        if not self._local:
            return view.day
        if self._known is None or self._known[0] is not view:
            ends = [text(row, end) for row in view.captures for end in ("first", "last")]
            days = {self._shown(end)[0][:10] for end in ends if end}
            self._known = view, days.pop() if len(days) == 1 else ""
        return self._known[1]

    def _shown(self, iso: Value) -> tuple[str, str]:
        """Return a time to the second as the reader has it, and its zone."""
        if not isinstance(iso, str):
            return "", _UTC
        if self._local:
            try:
                there = datetime.fromisoformat(f"{iso[:_SECOND]}+00:00").astimezone()
                return there.isoformat()[:_SECOND], there.tzname() or _UTC
            except (OverflowError, OSError, ValueError):  # of a year that the zone has not
                pass
        return iso, _UTC
