"""What a command reads, which none of its outputs may replace."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any

from auditor.outputs import Guard, evidence_guard

#: What an option names, if it is a file and if it is a folder.
_OPTIONS = {
    "config": "the configuration {}, which --config names",
    "site": "the site file",
    "hosts": "the hosts file",
    "saved": "an audit that is read",
    "baseline": "the baseline",
    "include_root": "{}, which --include-root names",
    "more_rules": "the rules in {}",
    "rules": "the rules in {}",
}
_HINT = "name another file, or replace it with --force"

Inputs = list[tuple[str, str]]


def inputs(captures: Iterable[str] = (), **known: Any) -> Inputs:
    """Return the paths that a command reads and what each is, from its captures and options."""
    named = [(path, "a capture that is read") for path in captures]
    return [*named, *_of_options(known)]


def _of_options(known: dict[str, Any]) -> Iterator[tuple[str, str]]:
    for option, what in _OPTIONS.items():
        given = known.get(option) or ()
        for path in (given,) if isinstance(given, str) else given:
            yield str(path), what.format(path)


def report_guard(read: Inputs, *, force: bool) -> Guard:
    """Return what keeps reports from replacing anything but reports; with ``force`` anything but
    inputs and captures."""

    def refused(head: bytes) -> str:
        from auditor.packets.magic import recognise
        from auditor.report.own_reports import is_report

        if is_report(head):
            return ""
        if recognise(head) is not None:
            return "it is a capture; name another file"
        return "" if force else f"it is there already and is no report of ours; {_HINT}"

    return _protecting(read, Guard(refused))


def recording_guard(read: Inputs, *, force: bool) -> Guard:
    """Return what keeps recordings from replacing anything; with ``force`` anything but inputs."""
    return _protecting(read, evidence_guard(force=force))


def _protecting(read: Inputs, guard: Guard) -> Guard:
    for path, what in read:
        guard.protect(path, what)
    return guard
