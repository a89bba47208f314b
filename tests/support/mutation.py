"""Changes one directive in a copy of a recording's configuration, and says what then fails."""

from __future__ import annotations

import re
import shutil
from collections.abc import Collection
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from unittest.mock import patch

import pandas as pd
from paths import CAPTURES

import auditor
from auditor.judge.rules.rule import configuration_rule_ids
from auditor.pipeline.track_capture import TrackedCapture, track_capture

#: Severities that fail an audit.
COUNTED = ("low", "medium", "high")


@dataclass(frozen=True)
class Edit:
    """One directive of one resource, in one file of a recording's configuration."""

    file: str
    """End of the file's path, such as ``dir/client/fd1``; ``etc/bareos-*.d`` may be left out."""
    resource: str
    """The resource's name."""
    directive: str
    value: str | None
    """None: the directive is taken away; a directive that is not there is put in."""

    def __str__(self) -> str:
        value = "removed" if self.value is None else f"= {self.value}"
        return f"{self.file} {self.resource}: {self.directive} {value}"


@dataclass(frozen=True)
class Outcome:
    """What an audit with the changed configuration finds."""

    audit: auditor.Audit
    root: Path
    places: tuple[str, ...]
    """``file:line`` of each edit: the directive, or the resource's head where it was removed."""

    @property
    def fails(self) -> pd.DataFrame:
        """The findings of low severity or above that fail."""
        return self.of("fail")

    def of(self, verdict: str) -> pd.DataFrame:
        """Return the findings of low severity or above that have this verdict, without those that
        the configuration gives alone."""
        found = self.audit.findings
        found = found[~found["rule"].isin(configuration_rule_ids())]
        return found[(found["verdict"] == verdict) & found["severity"].isin(COUNTED)]

    def failed(self) -> set[str]:
        """Return the ids of the rules that fail."""
        return set(self.fails["rule"])

    def unknown(self) -> set[str]:
        """Return the ids of the rules that abstain."""
        return set(self.of("unknown")["rule"])

    def flows(self, rule: str) -> pd.DataFrame:
        """Return the flows that fail a rule."""
        fails = self.fails
        told = fails[fails["rule"] == rule]["flows"].explode()
        return self.audit.flows[self.audit.flows["id"].isin(told)]

    def sources(self, rule: str) -> set[str]:
        """Return every file:line that the findings of a rule name, relative to the copy."""
        found = self.audit.findings
        found = found[(found["rule"] == rule)]["sources"]
        return {str(Path(source).relative_to(self.root)) for row in found for source in row}


def mutate(root: Path, recording: str, *edits: Edit, tap: str = "") -> Outcome:
    """Audit a recording against a copy of its configuration with these edits.

    ``tap`` is the subfolder of the capture, where a recording has several.
    """
    copy, places = changed_copy(root, CAPTURES / recording / "config", *edits)
    return Outcome(audit_recording(recording, tap, config=copy), root, places)


def changed_copy(root: Path, config: Path, *edits: Edit) -> tuple[Path, tuple[str, ...]]:
    """Copy a configuration and edit the copy; return it, and file:line of each edit, relative to
    ``root``."""
    copy = root / "config"
    shutil.copytree(config, copy)
    return copy, tuple(_apply(copy, edit) for edit in edits)


def audit_recording(
    recording: str, tap: str = "", *, config: Path | str | None = "", **options: object
) -> auditor.Audit:
    """Audit one recording with its own configuration, with another, or with None.

    Captures are read once in a session for every set of ports.
    """
    if config == "":
        config = CAPTURES / recording / "config"
    with patch("auditor.pipeline.track_capture.track_capture", _follow):
        return auditor.audit(
            CAPTURES / recording / tap / "capture.pcap",
            config=() if config is None else config,
            resolve=False,
            **options,  # type: ignore[arg-type]
        )


def _follow(path: str, ports: Collection[int], *_: object) -> TrackedCapture:
    return _followed(path, frozenset(ports))


@cache
def _followed(path: str, ports: frozenset[int]) -> TrackedCapture:
    return track_capture(path, ports)


def _apply(copy: Path, edit: Edit) -> str:
    """Edit the file in place; return file:line of the place, relative to the copy's parent."""
    path = _find(copy, edit.file)
    lines = path.read_text().splitlines()
    head, end = _block(lines, edit.resource)
    wanted = _key(edit.directive)
    at = next((i for i in range(head + 1, end) if _key(lines[i].split("=")[0]) == wanted), None)
    if edit.value is None:
        assert at is not None, f"{edit} is not there"
        del lines[at]
        line = head
    elif at is None:
        lines.insert(end, f"  {edit.directive} = {edit.value}")
        line = end
    else:
        lines[at] = f"  {edit.directive} = {edit.value}"
        line = at
    path.write_text("\n".join(lines) + "\n")
    return f"{path.relative_to(copy.parent)}:{line + 1}"


def _find(copy: Path, file: str) -> Path:
    host, *rest = file.split("/")
    (path,) = (copy / host).rglob(f"{'/'.join(rest)}.conf")
    return path


def _block(lines: list[str], name: str) -> tuple[int, int]:
    """Return the head's and the closing brace's index of the resource with this name."""
    head = 0
    for index, line in enumerate(lines):
        if re.match(r"\w.*\{", line):
            head = index
        if line == "}" and any(f"Name = {name}" == one.strip() for one in lines[head:index]):
            return head, index
    raise AssertionError(f"no resource {name}")


def _key(text: str) -> str:
    return "".join(text.split()).lower()
