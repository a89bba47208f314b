"""``thin`` and live recordings change no verdict: of whatever recordings may become, they tell the
same or less, and never other.

``THIN_VERDICTS=60 pytest tests/evidence/test_verdicts.py`` tries 60 of each kind, from a seed that
it draws and prints, or from ``THIN_SEED``.
"""

from __future__ import annotations

import os
import random
from collections import Counter
from pathlib import Path
from typing import Any

import pytest
from bpf_thinner import BpfThinner
from odd_captures import KINDS, SOURCES, configuration, spoilt
from thinning_stage import by, thinned

import auditor
from auditor.packets.link_types import ETHERNET

pytestmark = [pytest.mark.slow, pytest.mark.bulk]

_MANY = int(os.environ.get("THIN_VERDICTS", "0"))
_SEED = int(os.environ.get("THIN_SEED", random.randrange(10**6) if _MANY else 1))

#: What may be said of a flow instead of what the full capture shows, by column.
_LESS = {
    "connection": ("None", ""),
    "transport": ("unknown",),
    "identity_type": ("",),
    "identity_name": ("",),
    "identity_proven": ("False",),
    "heartbeat_verdict": ("unknown",),
    "tls_version": ("",),
    "outcome": (),
    "ending": (),
    "ending_by": (),
    "initiator_evidence": (),
    "login_refused_by": (),
}
_SAID = ("fail", "unknown")
#: Ports that the filter of the host build looks at.
_WATCHED = {5432, 9101, 9102, 9103}


def _ends(row: Any) -> tuple[tuple[str, int], ...]:
    return tuple(
        sorted(
            (
                (str(row.initiator_address), int(row.initiator_port)),
                (str(row.acceptor_address), int(row.acceptor_port)),
            )
        )
    )


def _flows(audit: auditor.Audit) -> dict[Any, Any]:
    """Return the rows of an audit by ends, and by order among those of the same ends."""
    seen: Counter[Any] = Counter()
    rows = {}
    for row in audit.flows.itertuples():
        ends = _ends(row)
        rows[ends, seen[ends]] = row
        seen[ends] += 1
    return rows


def _findings(audit: auditor.Audit, flows: dict[Any, Any]) -> dict[Any, str]:
    """Return the verdict of each rule on each flow that it says something of."""
    which = {row.id: key for key, row in flows.items()}
    said: dict[Any, str] = {}
    for finding in audit.findings.itertuples():
        listed = getattr(finding, "flows", None)
        ids = listed if isinstance(listed, list | tuple) and len(listed) else [finding.flow]
        for one in ids:
            if finding.verdict in _SAID:
                key = (finding.rule, which.get(one))
                said[key] = min(said.get(key, finding.verdict), finding.verdict)
    return said


def differences(full: auditor.Audit, thin: auditor.Audit) -> list[str]:
    """Return what the thinned capture tells otherwise, and not just less of."""
    one, other = _flows(full), _flows(thin)
    if one.keys() != other.keys():
        return [f"flows {sorted(one.keys() ^ other.keys(), key=str)}"]
    told = [
        f"{key} {column}: {getattr(one[key], column)} became {getattr(other[key], column)}"
        for key in one
        for column, less in _LESS.items()
        if str(getattr(other[key], column)) not in (str(getattr(one[key], column)), *less)
    ]
    before, after = _findings(full, one), _findings(thin, other)
    for rule, flow in before.keys() | after.keys():
        was, now = before.get((rule, flow), ""), after.get((rule, flow), "")
        if now in (was, "unknown") or (was == "unknown" and now == ""):
            continue
        if was == "fail" and flow in other and other[flow].name_left_out:
            continue  # what hangs on a name is doubted by another rule
        if rule != "capture-incomplete":
            told.append(f"{flow} {rule}: {was} became {now}")
    return told


def judge(source: Path, capture: bytes, place: Path) -> list[str]:
    """Return what thinning a capture changes."""
    full, thin = place / "full.pcap", place / "thin.pcapng"
    full.write_bytes(capture)
    thin.unlink(missing_ok=True)
    config = configuration(source)
    auditor.thin(full, thin, config=config, resolve=False)
    return differences(
        auditor.audit(full, config=config, resolve=False),
        auditor.audit(thin, config=config, resolve=False),
    )


@pytest.mark.parametrize("kind", KINDS)
def test_thin_changes_no_verdict(kind: str, tmp_path: Path) -> None:
    for seed in range(_SEED, _SEED + (_MANY or 2)):
        source, capture = spoilt(kind, seed)
        told = judge(source, capture, tmp_path)
        assert not told, f"{kind} {seed} ({source.parent.name}): {told}"


#: Of a side that was seen from its middle on a live recording keeps no hello (P1), nor notes of it.
_LESS_LIVE = "initiator_evidence: hello became port"


@pytest.mark.parametrize(
    "kind", [kind for kind in KINDS if kind != "snap"]
)  # no kernel cuts packets
def test_a_live_recording_changes_no_verdict(kind: str, tmp_path: Path) -> None:
    """As the filter in the kernel makes it, in its build for this machine."""
    for seed in range(_SEED, _SEED + (_MANY or 2)):
        source, capture = spoilt(kind, seed)
        network = auditor.load_network(config=configuration(source), resolve=False)
        if capture[20] != ETHERNET or set(network.ports) - _WATCHED:
            continue
        full, live = tmp_path / "full.pcap", tmp_path / "live.pcapng"
        full.write_bytes(capture)
        with by(BpfThinner):
            live.write_bytes(thinned(capture))
        audits = (auditor.audit(file, network=network) for file in (full, live))
        told = [one for one in differences(*audits) if not one.endswith(_LESS_LIVE)]
        assert not told, f"{kind} {seed} ({source.parent.name}): {told}"


def test_a_name_that_cannot_be_kept_acquits_nobody(tmp_path: Path) -> None:
    """Of a hello that is no text nothing is kept: then it is not known whose it is."""
    source = next(path for path in SOURCES if path.parent.name == "40-bacula-site")
    capture = source.read_bytes()
    at = capture.index(b"Director dir1 calling")
    capture = capture[: at + 10] + b"\xff" + capture[at + 11 :]
    assert not judge(source, capture, tmp_path)
    config = configuration(source)
    thin = auditor.audit(tmp_path / "thin.pcapng", config=config, resolve=False)
    assert thin.flows["name_left_out"].any()
    found = thin.findings.set_index("rule")["verdict"]
    assert found["identity-mismatch"] == "unknown"


def test_a_name_that_cannot_be_kept_leaves_no_number(tmp_path: Path) -> None:
    """Whose addresses are right may say a name that makes it another connection, or none."""
    source = next(path for path in SOURCES if path.parent.name == "40-bacula-site")
    capture = source.read_bytes()
    at = capture.rindex(b"Director dir1 calling")
    capture = capture[: at + 7] + b"\xff" + capture[at + 8 :]
    assert not judge(source, capture, tmp_path)
    thin = auditor.audit(tmp_path / "thin.pcapng", config=configuration(source), resolve=False)
    (row,) = thin.flows[thin.flows["name_left_out"]].itertuples()
    assert row.connection != row.connection or not row.connection
    assert row.ambiguous
    assert "left out when the capture was thinned" in row.match_reason
