"""A site of Bacula: the same connections, without any TLS expected."""

from __future__ import annotations

from pathlib import Path

import pytest
from paths import CAPTURES
from scene import DIR, FD1, Wire, audit, cleartext, network
from site_of import site_of

import auditor
from auditor.site.model import TlsPolicy

(CASE,) = (CAPTURES / "cases").glob("40-*")
ETC = CASE / "config" / "etc" / "bacula"


@pytest.mark.parametrize(
    "config", [CASE / "config", ETC / "bacula-fd.conf", ETC / "bacula-dir.conf", None]
)
def test_a_healthy_site_of_bacula_is_accused_of_nothing_and_named_once(
    config: Path | None,
) -> None:
    options = {} if config is None else {"config": config}
    result = auditor.audit(CASE / "capture.pcap", resolve=False, **options)
    assert set(result.fails["severity"]) <= {"info"}, list(result.fails["message"])
    assert len([said for said in result.statements if "Bacula" in said]) == 1
    assert list(result.flows["identity_name"])[:2] == ["dir1", "dir1"]


def test_no_connection_of_bacula_is_expected_to_begin_with_tls(tmp_path: Path) -> None:
    files = {path.replace("bareos-", "bacula-"): text for path, text in network().items()}
    site = site_of(tmp_path, files)
    assert {row.tls for row in site.expectations if row.connection != "12"} == {
        TlsPolicy.NOT_EXPECTED
    }


def test_one_file_daemon_of_bacula_excuses_no_other(tmp_path: Path) -> None:
    files = network()
    files["fd1/bacula-fd.conf"] = files.pop("fd1/bareos-fd.conf")
    excused = {
        row.id for row in site_of(tmp_path, files).expectations if row.tls is TlsPolicy.NOT_EXPECTED
    }
    assert "3:dir>fd1" in excused
    assert all("fd1" in row for row in excused)


def test_nobody_on_the_wire_excuses_a_site_of_bareos(tmp_path: Path) -> None:
    said = cleartext("Director dir calling 10002", "R_CLIENT::fd1", "R_DIRECTOR::dir")
    result = audit(tmp_path, Wire().dial(DIR, FD1, 9102, said))
    assert "cleartext-though-tls-required" in set(result.fails["rule"])
    assert not any("Bacula" in said for said in result.statements)
