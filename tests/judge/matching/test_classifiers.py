"""One classifier of a site serves many captures, and takes nothing from one to the next."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from paths import CAPTURES

import auditor
from auditor import Network
from auditor.flows.flow import Flow
from auditor.judge.matching.classification import classify
from auditor.judge.matching.classifier import Classifier
from auditor.judge.matching.classifiers import Classifiers
from auditor.pipeline.build_audit import build_audit
from auditor.pipeline.recordings.track import track

NAMES = ("trouble", "modes", "heartbeat")


@pytest.fixture(scope="module")
def network() -> Network:
    return auditor.load_network(config=CAPTURES / "trouble" / "config", resolve=False)


@pytest.fixture(scope="module")
def recordings(network: Network) -> list[tuple[Flow, ...]]:
    def flows() -> Iterator[tuple[Flow, ...]]:
        for name in NAMES:
            yield from (
                one.flows for one in track([str(CAPTURES / name / "capture.pcap")], network.ports)
            )

    return list(flows())


def test_captures_one_after_the_other_are_judged_as_each_alone(
    network: Network, recordings: list[tuple[Flow, ...]]
) -> None:
    site, ports = network.site, network.ports
    assert site is not None
    alone = [classify(flows, site, ports) for flows in recordings]
    shared = Classifiers(ports).of(site)
    for _ in range(2):
        assert [classify(flows, site, ports, shared) for flows in recordings] == alone


def test_it_is_made_once_for_a_site(network: Network) -> None:
    site, known = network.site, Classifiers(network.ports)
    assert site is not None
    assert isinstance(known.of(site), Classifier) and known.of(site) is known.of(site)
    other = auditor.load_network(config=CAPTURES / "modes" / "config", resolve=False).site
    first = known.of(site)
    assert known.of(other) is not first
    assert known.of(site) is not first
    assert known.of(None) is None


def test_an_audit_of_many_recordings_makes_one(monkeypatch: pytest.MonkeyPatch) -> None:
    """A provider's tap of each host is a recording: one was made for each, as large as the site."""
    made = list[object]()
    begin = Classifier.__init__

    def counted(self: Classifier, *given: object) -> None:
        made.append(given)
        begin(self, *given)  # type: ignore[arg-type]

    monkeypatch.setattr(Classifier, "__init__", counted)
    network = auditor.load_network(config=CAPTURES / "lan-nat-active" / "config", resolve=False)
    paths = [str(CAPTURES / name / "capture.pcap") for name in NAMES]
    build_audit([one for path in paths for one in track([path], network.ports)], network)
    assert len(made) == 1
