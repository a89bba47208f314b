"""The public calls: one network, loaded once, serves them all."""

import inspect
from typing import get_type_hints

import pandas as pd
import pytest
from commandline import TROUBLE, run
from paths import CAPTURES

import auditor
from auditor.packets.pcapng_comments import SocketFact
from auditor.pipeline.network import load_network
from auditor.pipeline.network_options import NetworkOptions

RECORDING = CAPTURES / "trouble" / "capture.pcap"
CONFIG = CAPTURES / "trouble" / "config"


def test_every_public_name_is_there() -> None:
    assert all(getattr(auditor, name) is not None for name in auditor.__all__)
    assert dir(auditor) == sorted(auditor.__all__)
    with pytest.raises(AttributeError, match="nosuch"):
        auditor.nosuch  # noqa: B018


def test_the_options_are_written_down_once() -> None:
    known = inspect.signature(load_network).parameters.keys()
    assert get_type_hints(NetworkOptions).keys() == known - {"wait"}, "which each call decides"


def test_a_network_that_was_loaded_serves_every_call(tmp_path) -> None:
    network = auditor.load_network(config=CONFIG, resolve=False)
    loaded = auditor.audit(RECORDING, network=network)
    asked = auditor.audit(RECORDING, config=CONFIG, resolve=False)
    pd.testing.assert_frame_equal(loaded.findings, asked.findings)
    expected = auditor.expect(network=network)
    pd.testing.assert_frame_equal(expected, auditor.expect(CONFIG, resolve=False))
    thinned = tmp_path / "thin.pcapng"
    assert auditor.check(network=network).verdict == auditor.check(CONFIG, resolve=False).verdict
    auditor.thin(RECORDING, thinned, network=network)
    live = auditor.live_audit(network=network)
    assert live.feed(thinned.read_bytes())
    assert live.audit("thin").verdict == loaded.verdict == "fail"


@pytest.mark.parametrize(
    "call",
    [auditor.check, auditor.expect, auditor.openings, auditor.sockets, auditor.live_audit],
)
def test_a_network_and_options_of_one_exclude_each_other(call) -> None:
    network = auditor.load_network()
    with pytest.raises(TypeError, match=r"not both \(given: config, resolve\)"):
        call(network=network, config=CONFIG, resolve=False)


def test_captures_are_one_path_or_several() -> None:
    network = auditor.load_network(config=CONFIG, resolve=False)
    other = RECORDING.parents[1] / "refusals" / "capture.pcap"
    each = [auditor.audit(path, network=network) for path in (RECORDING, other)]
    both = auditor.audit([RECORDING, str(other)], network=network)
    assert set(both.captures["name"]) == {str(RECORDING), str(other)}
    assert len(both.flows) == sum(len(one.flows) for one in each)


def test_a_capture_that_is_given_twice_is_read_once() -> None:
    twice = auditor.audit([RECORDING, str(RECORDING)])
    assert twice.captures["name"].tolist() == [str(RECORDING)]
    assert len(twice.flows) == len(auditor.audit(RECORDING).flows)


def test_progress_adds_up_to_the_size_of_the_captures() -> None:
    steps: list[int] = []
    paths = [RECORDING, RECORDING.parents[1] / "refusals" / "capture.pcap"]
    auditor.audit(paths, progress=steps.append)
    assert sum(steps) == sum(path.stat().st_size for path in paths)


def test_sockets_on_the_ports_of_the_network_are_judged(monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[object] = []

    def read(ports: object, *, listening: bool) -> list[SocketFact]:
        asked.append((ports, listening))
        ends = ("192.0.2.1", 40001), ("192.0.2.2", 9103)
        return [SocketFact(1, *ends, "ESTABLISHED", True, 60, 60, 9, True, 7, "bareos-dir")]

    monkeypatch.setattr("auditor.capture.sockets.socket_table.read_sockets", read)
    network = auditor.load_network(ports={"director": 9201})
    found = auditor.sockets(network=network)
    assert asked == [(network.ports, True)]
    assert 9201 in network.ports
    assert found["remote_port"].tolist() == [9103]
    assert found["process"].tolist() == ["bareos-dir"]


@pytest.mark.parametrize(
    ("call", "arguments", "keyword"),
    [
        (auditor.audit, (RECORDING,), "colour"),
        (auditor.check, (CONFIG,), "ports"),
        (auditor.expect, (CONFIG,), "ports"),
        (auditor.expect, (CONFIG,), "rules"),
        (auditor.thin, (RECORDING, "/dev/null"), "rules"),
        (auditor.thin, (RECORDING, "/dev/null"), "today"),
        (auditor.sockets, (), "progress"),
    ],
)
def test_a_call_refuses_what_it_would_ignore(call, arguments, keyword) -> None:
    with pytest.raises(
        TypeError, match=f"{call.__name__}.*unexpected keyword argument '{keyword}'"
    ):
        call(*arguments, **{keyword: ()})


def test_what_a_configuration_calls_for_needs_one() -> None:
    with pytest.raises(TypeError, match="needs a configuration"):
        auditor.expect()
    with pytest.raises(TypeError, match="needs a configuration"):
        auditor.check()
    assert auditor.expect(()).empty


def test_audits_of_the_same_are_equal_and_others_are_not() -> None:
    network = auditor.load_network(config=CONFIG, resolve=False)
    one, same = (auditor.audit(RECORDING, network=network) for _ in range(2))
    assert one == same
    assert one != auditor.audit(RECORDING, resolve=False)


def test_openings_are_those_of_a_configuration() -> None:
    network = auditor.load_network(config=CONFIG, resolve=False)
    assert auditor.openings(network=network) == auditor.openings(CONFIG, resolve=False)
    (one,) = auditor.openings(CONFIG, host="fd2", resolve=False).peers
    assert str(one) == "file daemon fd2"
    with pytest.raises(TypeError, match="loaded with a configuration"):
        auditor.openings(network=auditor.load_network())


def test_an_excerpt_is_of_an_audit_its_report_or_its_captures(tmp_path) -> None:
    network = auditor.load_network(config=CONFIG, resolve=False)
    audit = auditor.audit(RECORDING, network=network)
    report = tmp_path / "audit.json"
    report.write_text(run(*TROUBLE, "-f", "json").stdout)
    finding = audit.findings["id"][0]
    for number, source in enumerate((audit, report, str(RECORDING))):
        options = {"network": network} if number == 2 else {}
        done = auditor.excerpt(source, finding, tmp_path / str(number), **options)
        assert (done.packets, done.connections) == (36, 5)
    assert (tmp_path / "0").read_bytes() == (tmp_path / "2").read_bytes()
    with pytest.raises(TypeError, match="for a saved audit"):
        auditor.excerpt(report, finding, tmp_path / "x", network=network)
    with pytest.raises(auditor.FindingError):
        auditor.excerpt(audit, "nothing", tmp_path / "x")
