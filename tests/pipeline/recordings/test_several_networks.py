"""Networks that have the same addresses stay two, or one if the site file says so, however their
packets came here: in a file or several, thinned, with other names, read by others."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest
from changed import frames_of, written
from networks import LATER, SHIFT, anew, in_vlan, together

import auditor
from auditor.packets.link_types import ETHERNET
from auditor.pipeline.live import LiveAudit

#: What neither names nor thinning change.
SAID = (
    *("started", "ended", "initiator_port", "acceptor_port", "outcome", "connection", "networks"),
    *("ending", "ending_by", "ending_certain", "heartbeat_verdict", "heartbeat_observed_s"),
    *("heartbeat_probes", "heartbeat_answered", "acceptor_probes", "silence_survived_s"),
    *("transport", "tls_version", "missing", "bacula"),
)


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a folder with what one tap saw of two networks, as files of all these kinds."""
    folder = tmp_path_factory.mktemp("networks")
    one = frames_of("heartbeat")
    other = list(anew(one, SHIFT, LATER))
    both = together(in_vlan(one, 10), in_vlan(other[len(other) // 3 :], 20))
    whole = written(folder / "whole.pcap", "heartbeat", both, link=ETHERNET)
    for part in range(3):
        cut = both[part * len(both) // 3 : (part + 1) * len(both) // 3]
        written(folder / f"cut{part}.pcap", "heartbeat", cut, link=ETHERNET)
    auditor.thin(whole, folder / "thinned.pcapng")
    auditor.thin(whole, folder / "anonymous.pcapng", anonymize=b"a key that is for tests only")
    (folder / "site.yaml").write_text("same_network: [[VLAN 20, VLAN 10]]\n")
    return folder


def said(folder: Path, names: Sequence[str], same: bool, **options: Any) -> list[tuple[str, ...]]:
    """Return what an audit says of each connection, and of all."""
    site = folder / "site.yaml" if same else None
    return told(auditor.audit([folder / name for name in names], site=site, **options))


def told(audit: auditor.Audit) -> list[tuple[str, ...]]:
    rows = audit.flows[list(SAID)].itertuples(index=False)
    found = audit.findings[["rule", "verdict"]].itertuples(index=False)
    return [*sorted(tuple(map(str, row)) for row in rows), *sorted(map(tuple, found))]


@pytest.mark.parametrize("same", [False, True])
@pytest.mark.parametrize(
    "names",
    [
        *(["cut2.pcap", "cut0.pcap", "cut1.pcap"], ["thinned.pcapng"], ["anonymous.pcapng"]),
        ["thinned.pcapng", "cut1.pcap"],
    ],
    ids=["cut", "thinned", "anonymous", "thinned and full"],
)
def test_whatever_they_came_in_they_are_judged_alike(
    folder: Path, names: list[str], same: bool
) -> None:
    whole = said(folder, ["whole.pcap"], same)
    assert {row[SAID.index("networks")] for row in whole if len(row) == len(SAID)} == (
        {"[]"} if same else {"['VLAN 10']", "['VLAN 20']"}
    )
    assert said(folder, names, same) == whole


@pytest.mark.parametrize("same", [False, True])
def test_who_thins_them_elsewhere_knows_nothing_of_it(
    folder: Path, tmp_path: Path, same: bool
) -> None:
    cut = [f"cut{part}.pcap" for part in range(3)]
    assert said(folder, cut, same, work=tmp_path) == said(folder, ["whole.pcap"], same)


@pytest.mark.parametrize("same", [False, True])
def test_a_recording_that_grows_is_judged_alike(folder: Path, same: bool) -> None:
    network = auditor.load_network(site=folder / "site.yaml" if same else None)
    whole = folder / "whole.pcap"
    live = LiveAudit(network, here=False, name=str(whole))
    live.feed(whole.read_bytes())
    assert told(live.audit(str(whole))) == said(folder, ["whole.pcap"], same)
