"""Whose HeartbeatInterval and whose TLS directives hold (bareos.md §0, §1.2, §3.7)."""

from __future__ import annotations

from dataclasses import replace

import pytest

from auditor.config.resources import Listen, Program, ProgramConfig, Resource, Setting, Source
from auditor.site.director_domain import Daemon, OwnConfig
from auditor.site.effective import (
    claim,
    head_lines,
    heartbeat,
    heartbeat_of_own,
    source_address,
    tls_policy,
)
from auditor.site.heartbeat import Heartbeat
from auditor.site.model import Claim, Peer, Role, TlsPolicy


def resource(name: str, **settings: int | bool | str) -> Resource:
    """Return a resource whose head is line 1 and whose settings follow line by line."""
    lines = {
        key: Setting(key, value, Source(name, line))
        for line, (key, value) in enumerate(settings.items(), 2)
    }
    return Resource("Client", name, Source(name, 1), lines)


def beat(name: str, seconds: int | None = None) -> Resource:
    return resource(name) if seconds is None else resource(name, HeartbeatInterval=seconds)


UNSET = "no HeartbeatInterval is set"


@pytest.mark.parametrize(
    ("chain", "expected"),
    [
        ([beat("a", 30), beat("b", 60)], Heartbeat(30, Source("a", 2))),
        ([beat("a", 0), beat("b", 60)], Heartbeat(60, Source("b", 2))),
        ([beat("a"), beat("b", 60)], Heartbeat(60, Source("b", 2))),
        ([beat("a"), beat("b")], Heartbeat(0, Source("a", 1), UNSET)),
        ([beat("a"), beat("b", 0)], Heartbeat(0, Source("b", 2), UNSET)),
        ([beat("a", -5), beat("b", 60)], Heartbeat(60, Source("b", 2))),
        ([beat("a", 30), None], Heartbeat(30, Source("a", 2))),
        ([beat("a", 0), None], Heartbeat(None, None, "it is elsewhere")),
        ([None, beat("b", 60)], Heartbeat(None, None, "it is elsewhere")),
        ([beat("a", 32767)], Heartbeat(32767, Source("a", 2))),
    ],
)
def test_the_first_of_a_chain_that_is_not_0_holds(
    chain: list[Resource | None], expected: Heartbeat
) -> None:
    """§1.2: an explicit 0 cannot switch off what follows."""
    found = heartbeat(*chain, missing="it is elsewhere")
    assert replace(found, setting=None) == expected


@pytest.mark.parametrize(
    ("chain", "name", "line", "written"),
    [
        ([beat("a", 30), beat("b", 60)], "a", 2, True),
        ([beat("a", 0), beat("b", 60)], "b", 2, True),
        ([beat("a", 40000), beat("b", 60)], "a", 2, True),
        ([beat("a"), beat("b")], "b", 1, False),
        ([beat("a", 0), beat("b")], "b", 1, False),
        ([beat("a")], "a", 1, False),
    ],
)
def test_it_says_which_one_line_would_change_it(
    chain: list[Resource], name: str, line: int, written: bool
) -> None:
    """Where nothing is written, a line in the last of the chain does for all that share it."""
    found = heartbeat(*chain).setting
    assert found is not None
    assert (found.source, found.written) == (Source(name, line), written)
    assert found.resource.endswith(name)


def test_what_the_kernel_refuses_leaves_the_systems_timers() -> None:
    """§1.0: Linux takes no more than 32767 s, and what follows in the chain is not asked."""
    found = heartbeat(beat("a", 43200), beat("b", 60))
    assert (found.seconds, found.source) == (0, Source("a", 2))
    assert found.reason == "43200 s is more than the kernel takes (32767 s)"


@pytest.mark.parametrize(
    ("own", "seconds", "reason"),
    [
        ([], None, "the configuration of file daemon fd is not at hand (Fd->Client sets it)"),
        ([30], 30, ""),
        ([30, 30], 30, ""),
        ([30, 60], None, "several configurations may be that of file daemon fd, and they differ"),
    ],
)
def test_a_daemons_own_heartbeat_counts_where_all_that_may_be_it_agree(
    own: list[int], seconds: int | None, reason: str
) -> None:
    program = ProgramConfig(Program.FILE_DAEMON, "x", "", ())
    configs = tuple(OwnConfig(program, beat(f"fd{s}", s), None) for s in own)
    daemon = Daemon(Peer(Role.FILE_DAEMON, "fd"), None, configs)
    found = heartbeat_of_own(daemon, "Fd->Client")
    assert (found.seconds, found.reason) == (seconds, reason)


DEFAULT = resource("default")
REQUIRES = resource("requires", TlsEnable=True, TlsRequire=True)
ALLOWS = resource("allows", TlsRequire=False)
OFF = resource("off", TlsEnable=False, TlsRequire=True)
REQUIRED, ALLOWED, NO_TLS = TlsPolicy.REQUIRED, TlsPolicy.ALLOWED, TlsPolicy.OFF


@pytest.mark.parametrize(
    ("ends", "expected"),
    [
        ((DEFAULT, OFF), (REQUIRED, Source("default", 1))),
        ((ALLOWS, REQUIRES), (REQUIRED, Source("requires", 2))),
        ((ALLOWS, OFF), (ALLOWED, Source("allows", 2))),
        ((OFF, OFF), (NO_TLS, Source("off", 2))),
        ((None, ALLOWS), (ALLOWED, Source("allows", 2))),
        ((None, None), (TlsPolicy.UNKNOWN, None)),
    ],
)
def test_the_end_that_asks_for_most_decides_at_its_line(
    ends: tuple[Resource | None, ...], expected: tuple[TlsPolicy, Source | None]
) -> None:
    """§5.8: both are yes by default, and TlsRequire means nothing without TlsEnable."""
    assert tls_policy(*ends) == expected


def test_a_name_is_claimed_at_its_line_and_what_is_missing_claims_nothing() -> None:
    assert claim(resource("fd", Name="fd")) == (Claim("fd", Source("fd", 2)),)
    assert claim(None) == ()
    assert head_lines(None, DEFAULT, OFF) == (Source("default", 1), Source("off", 1))


@pytest.mark.parametrize(
    ("written", "address"),
    [
        (None, ""),
        ((Listen("10.0.0.9", None, 4),), "10.0.0.9"),
        ((Listen("fd00::9", None, 6), Listen("10.0.0.9", None, 4)), "fd00::9"),
        ((), ""),
    ],
)
def test_only_the_first_source_address_is_bound_to(
    written: tuple[Listen, ...] | None, address: str
) -> None:
    """bareos.md §1.0."""
    own = None
    if written is not None:
        setting = Setting("SourceAddress", written, Source("a", 2))
        own = Resource("Client", "a", Source("a", 1), {"SourceAddress": setting})
    assert source_address(own) == address
