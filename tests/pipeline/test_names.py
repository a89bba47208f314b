"""A site whose names are resolved while something else goes on."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

import pytest
from bareosconf import plant

import auditor
from auditor.pipeline import names as module
from auditor.pipeline.network import load_network

DIR = "Director { Name = d; Password = p\n }\n"
CLIENT = "Client {{ Name = {0}; Password = p\n Address = {0}.example\n }}\n"


class Answers:
    """What another process has answered so far."""

    def __init__(self) -> None:
        self.asked: set[str] = set()
        self.known: dict[str, tuple[str, ...]] = {}
        self.complete = self.closed = False

    def ask(self, names: Iterable[str]) -> None:
        self.asked.update(names)

    def answer(self, name: str, _seconds: float) -> tuple[str, ...] | None:
        return self.known.get(name)

    def stop(self) -> None: ...

    def close(self) -> None:
        self.closed = True


@pytest.fixture
def answers(monkeypatch: pytest.MonkeyPatch) -> Answers:
    found = Answers()
    monkeypatch.setattr("auditor.site.background_lookups.BackgroundLookups", lambda: found)
    return found


@pytest.fixture
def config(tmp_path: Path) -> Path:
    return plant(tmp_path, {"bareos-dir.conf": DIR + CLIENT.format("a") + CLIENT.format("b")})


def addresses(network: auditor.Network) -> set[str]:
    assert network.site is not None
    return {address for peer in network.site.peers for address in peer.addresses}


def test_a_network_is_known_before_its_names_are(answers: Answers, config: Path) -> None:
    network = load_network(config=config, wait=False)
    assert answers.asked == {"a.example", "b.example"}
    assert addresses(network) == set()
    assert network.later is not None and network.later(False) is None
    answers.known["a.example"] = ("10.0.0.1",)
    assert network.later(False) is None
    answers.known["b.example"], answers.complete = ("10.0.0.2",), True
    known = network.later(False)
    assert known is not None and known.later is None
    assert addresses(known) == {"10.0.0.1", "10.0.0.2"}
    assert answers.closed
    assert known.rules is network.rules
    assert known.configuration_rules is network.configuration_rules


@pytest.mark.parametrize("last", [True, False])
def test_what_was_not_answered_in_time_is_said(
    answers: Answers, config: Path, last: bool, caplog: pytest.LogCaptureFixture
) -> None:
    network = load_network(config=config, wait=False, resolve_timeout=60 if last else 0)
    answers.known["a.example"] = ("10.0.0.1",)
    assert network.later is not None
    known = network.later(last)
    assert known is not None and known.site is not None
    assert addresses(known) == {"10.0.0.1"}
    (problem,) = (one.message for one in known.site.problems if "in time" in one.message)
    assert "'b.example'" in problem and "--resolve-timeout" in problem and "--hosts" in problem
    (said,) = caplog.messages
    assert "'b.example'" in said and "'a.example'" not in said


@pytest.mark.usefixtures("answers")
def test_where_all_names_are_known_nothing_comes_later(config: Path) -> None:
    hosts = config / "hosts"
    hosts.write_text("10.0.0.1 a.example\n10.0.0.2 b.example\n")
    for options in ({"hosts": hosts}, {"resolve": False}):
        assert load_network(config=config, wait=False, **options).later is None  # type: ignore[arg-type]


def test_a_live_audit_takes_names_in_when_they_are_known(answers: Answers, config: Path) -> None:
    live = auditor.live_audit(config=config)
    live.warm()
    assert live.names() == {}
    answers.known["a.example"] = ("10.0.0.1",)
    live.know_names()
    assert live.names() == {}
    answers.complete = True
    live.know_names()
    assert live.names() == {"10.0.0.1": "a"}


def test_so_many_late_names_are_one_sentence(caplog: pytest.LogCaptureFixture) -> None:
    class Late:
        timeout = 5.0
        late = frozenset(f"host{number}" for number in range(40))

    module._warn(Late())  # type: ignore[arg-type]
    (said,) = caplog.messages
    assert "and 28 more" in said and len(said) < 500
