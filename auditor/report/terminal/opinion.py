"""What another program says of the same captures."""

from __future__ import annotations

from auditor.opinion import Difference, Opinion
from auditor.report.terminal.screen import Cell, Screen
from auditor.report.told.view import View
from auditor.report.told.words import STYLES, count
from auditor.text.times import iso

#: Lines of differences; JSON has each.
_MOST = 12


def render_opinion(screen: Screen, view: View) -> None:
    """Write how much both see, and each kind of difference with its reason."""
    opinion = view.audit.opinion
    if opinion is None:
        return
    screen.heading(f"What {opinion.program} sees")
    for what, ours, theirs, both in opinion.agreements:
        style = STYLES["pass" if ours == theirs == both else "unknown"]
        agreed = Cell(f"{both:,} agree", style)
        others = f"; {ours - both:,} only here, {theirs - both:,} only there"
        apart = others if (ours, theirs) != (both, both) else ""
        screen.item(screen.signs.bullet, f"{what}: ", agreed, apart)
    _render_differences(screen, view, opinion)
    if opinion.incomplete:
        screen.item(screen.signs.bullet, f"not all could be compared: {opinion.incomplete}")


def _render_differences(screen: Screen, view: View, opinion: Opinion) -> None:
    alike: dict[tuple[object, ...], list[Difference]] = {}
    for one in opinion.differences:
        alike.setdefault((one.what, one.ours, one.capture, one.ends, one.reason), []).append(one)
    for found in list(alike.values())[:_MOST]:
        first = found[0]
        where = "here" if first.ours else "there"
        frames = [str(one.frame) for one in found if one.frame is not None]
        shown = ", ".join(frames[:4]) + (f" {screen.signs.more}" if len(frames) > 4 else "")
        at = f", frames {shown}" if len(frames) > 1 else f", frame {shown}" if frames else ""
        when = screen.times.moment(iso(first.time), view) if first.time is not None else ""
        screen.item(
            Cell(when or screen.signs.bullet, "dim"),
            f"only {where}: {len(found):,} of {first.what}, {first.ends}{at}",
            f": {first.reason}" if first.reason else "",
            indent=4,
            hang=len(when) + 2 if when else 2,
        )
    left = opinion.more + sum(len(found) for found in list(alike.values())[_MOST:])
    if left:
        screen.item(screen.signs.more, f"and {count(left, 'more difference')}", indent=4)
