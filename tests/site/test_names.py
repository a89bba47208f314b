"""Host names: the hosts file, then the site file, then the system's resolver."""

from __future__ import annotations

import socket
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from scene import FD1, edited
from site_of import row, site_of

from auditor.errors import SiteFileError
from auditor.site import resolver as names
from auditor.site.resolver import Resolver, canonical, is_loopback, read_hosts


@pytest.mark.parametrize(
    ("written", "spelt"),
    [
        ("10.0.0.1", "10.0.0.1"),
        ("2001:DB8:0::1", "2001:db8::1"),
        ("::ffff:10.0.0.1", "10.0.0.1"),
        ("[::1]", "::1"),
        ("fe80::1%eth0", "fe80::1"),
        ("localhost", None),
        ("10.0.0", None),
        ("10.0.0.256", None),
        ("", None),
    ],
)
def test_a_literal_has_one_spelling(written: str, spelt: str | None) -> None:
    assert canonical(written) == spelt


def test_a_loopback_tells_no_host_from_another() -> None:
    assert [is_loopback(a) for a in ("127.0.0.1", "127.1.2.3", "::1", "10.0.0.1")] == [
        True,
        True,
        True,
        False,
    ]


def hosts(folder: Path, text: str) -> dict[str, frozenset[str]]:
    path = folder / "hosts"
    path.write_text(text)
    return read_hosts(path)


def test_more_names_than_are_read_are_refused_at_their_line(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(names, "_MAX_HOSTS_NAMES", 4)
    assert len(hosts(tmp_path, "::1 a b\n::2 a c\n")) == 3
    with pytest.raises(SiteFileError, match=r":3: more than 4 names"):
        hosts(tmp_path, "::1 a b\n::2 a c\n::3 d\n")


def test_names_of_one_line_share_their_address(tmp_path: Path) -> None:
    """A set each took 2 GB for a file of 16 MiB."""
    found = hosts(tmp_path, "::1 a b c\n::2 c\n::3 c\n::1 c\n")
    assert found["a"] is found["b"]
    assert found["c"] == {"::1", "::2", "::3"}


def test_a_hosts_file_gives_names_their_addresses(tmp_path: Path) -> None:
    found = hosts(
        tmp_path,
        "# a comment\n\n10.0.0.1 Backup.Example. backup  # the Director\n"
        "2001:db8::1\tbackup\n127.0.0.1 localhost\n",
    )
    assert found["backup.example"] == {"10.0.0.1"}
    assert found["backup"] == {"10.0.0.1", "2001:db8::1"}


def test_a_line_that_begins_with_no_address_is_refused(tmp_path: Path) -> None:
    with pytest.raises(SiteFileError, match=r"hosts:2: this line begins with no IP address"):
        hosts(tmp_path, "10.0.0.1 a\nbackup 10.0.0.1\n")


@pytest.mark.parametrize(
    "line",
    [
        "10.0.0.1 ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAI+x/==",
        f"10.0.0.1 ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAI{'H7pUlJZq' * 5}",
        "10.0.0.1,fd1",
        "10.0.0.1 Client {",
        "10.0.0.1 10.0.0.2/24",
        "10.0.0.1 - - [26/Nov/2026:10:00:00 +0000]",
        "Director {",
        "nameserver 10.0.0.1",
        "fd1: 10.0.0.1",
        "\x00\x01",
    ],
)
def test_another_file_is_no_hosts_file(tmp_path: Path, line: str) -> None:
    with pytest.raises(SiteFileError, match=r"hosts:2: this line (begins with no|has a word that)"):
        hosts(tmp_path, f"10.0.0.1 a\n{line}\n")


def test_a_list_of_addresses_is_no_hosts_file_and_one_without_a_name_is_none(
    tmp_path: Path,
) -> None:
    with pytest.raises(SiteFileError, match=r"hosts:2: this line has an address and no name$"):
        hosts(tmp_path, "# blocked\n10.0.0.1\n10.0.0.2\n")
    assert hosts(tmp_path, "10.0.0.1\n10.0.0.2 b\n") == {"b": {"10.0.0.2"}}
    assert hosts(tmp_path, "# nobody yet\n") == {}


def test_names_may_be_what_people_call_hosts(tmp_path: Path) -> None:
    assert (
        len(hosts(tmp_path, "10.0.0.1 a_b a-b.c. bücher.example 9x *.example a%b ~c !d #e\n")) == 8
    )


def test_a_hosts_file_that_is_not_there_is_refused(tmp_path: Path) -> None:
    with pytest.raises(SiteFileError, match="cannot be read: No such file"):
        read_hosts(tmp_path / "nothing")


def test_a_hosts_file_beyond_all_measure_is_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(names, "_MAX_HOSTS_BYTES", 10)
    with pytest.raises(SiteFileError, match="cannot be read: it is larger than"):
        hosts(tmp_path, "10.0.0.1 backup\n")


@given(text=st.text(max_size=80))
def test_any_hosts_file_is_read_or_refused(
    tmp_path_factory: pytest.TempPathFactory, text: str
) -> None:
    path = tmp_path_factory.getbasetemp() / "any-hosts"
    path.write_text(text, encoding="utf-8", errors="surrogatepass")
    try:
        found = read_hosts(path)
    except SiteFileError as error:
        assert error.line >= 1
    else:
        assert all(canonical(a) == a for addresses in found.values() for a in addresses)


def test_tables_are_asked_in_order_and_a_literal_not_at_all() -> None:
    first, second = {"a": frozenset({"10.0.0.1"})}, {"a": frozenset({"10.0.0.2"})}
    resolver = Resolver(first, second, system=False)
    assert resolver.resolve("A.") == {"10.0.0.1"}
    assert resolver.resolve("10.0.0.9") == {"10.0.0.9"}
    assert resolver.unresolved == set()


def test_a_name_that_nobody_knows_is_noted() -> None:
    resolver = Resolver(system=False)
    assert resolver.resolve("nowhere.example") == frozenset()
    assert resolver.resolve("") == frozenset()
    assert resolver.unresolved == {"nowhere.example"}


def test_localhost_needs_no_resolver() -> None:
    assert Resolver(system=False).resolve("LocalHost") == {"127.0.0.1", "::1"}


def test_the_system_is_asked_last_and_once(monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[str] = []

    def answer(name: str, *_: object, **__: object) -> list[tuple[object, ...]]:
        asked.append(name)
        if name == "nowhere":
            raise socket.gaierror
        return [(0, 0, 0, "", ("10.0.0.7", 0)), (0, 0, 0, "", ("fe80::7%eth0", 0, 0, 2))]

    monkeypatch.setattr(socket, "getaddrinfo", answer)
    resolver = Resolver({"known": frozenset({"10.0.0.1"})})
    for name in ("known", "asked", "ASKED", "nowhere", "nowhere"):
        resolver.resolve(name)
    assert asked == ["asked", "nowhere"]
    assert resolver.resolve("asked") == {"10.0.0.7", "fe80::7"}


@pytest.mark.parametrize("name", ["a" * 300 + ".example", "..", "\ud800"])
def test_a_name_that_no_resolver_takes_has_no_address(name: str) -> None:
    assert Resolver().resolve(name) == frozenset()


# ------------------------------------------------------------------ in a site


BOTH = "10.1.0.1 client.example\n2001:db8::1 client.example\n"
NAMED = edited("dir", f"fd1; Address = {FD1}", "fd1; Address = client.example")


def test_a_name_stands_for_all_of_its_addresses(tmp_path: Path) -> None:
    """Bareos tries every one in turn, IPv6 first (§1.0)."""
    site = site_of(
        tmp_path, dir=NAMED, hosts="10.1.0.1 client.example\n2001:db8::1 client.example\n"
    )
    found = row(site, "3:dir>fd1")
    assert (found.address, found.addresses) == ("client.example", {"10.1.0.1", "2001:db8::1"})
    assert found.acceptor.addresses >= found.addresses


def test_the_hosts_file_is_asked_before_the_site_file(tmp_path: Path) -> None:
    site = site_of(
        tmp_path,
        dir=NAMED,
        hosts="10.1.0.1 client.example\n",
        site="hosts: {client.example: 10.2.0.2}",
    )
    assert row(site, "3:dir>fd1").addresses == {"10.1.0.1"}


def test_a_name_without_an_address_becomes_a_problem(tmp_path: Path) -> None:
    site = site_of(tmp_path, dir=NAMED, tray=None)
    assert not row(site, "3:dir>fd1").acceptor.located
    assert [problem.message for problem in site.problems] == [
        "'client.example' has no address here: give it one with --hosts or in the site file"
    ]
