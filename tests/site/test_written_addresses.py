"""Every address that a configuration writes is found, with its place."""

from __future__ import annotations

from pathlib import Path

import pytest
from bareosconf import plant

from auditor.config.reading import read_configuration
from auditor.errors import ConfigurationError
from auditor.pipeline.network import load_network
from auditor.site import build
from auditor.site.written_addresses import address_settings, addresses_in, written

DIR = """\
Director { Name = d; Password = p; SourceAddress = src.example\n }
Client { Name = c; Password = p; Address = fd.example; LanAddress = lan.example\n }
Storage { Name = s; Password = p; Address = sd.example; Device = f; MediaType = F\n }
Catalog { Name = k; DbName = b; DbUser = u; DbAddress = db.example\n }
"""


def test_names_are_found_in_every_directive_that_holds_one(tmp_path: Path) -> None:
    config = read_configuration([plant(tmp_path, {"bareos-dir.conf": DIR})])
    names = {"src.example", "fd.example", "lan.example", "sd.example", "db.example"}
    assert set(written(config)) == names
    assert {s.source.line for s in address_settings(config) if addresses_in(s)} == {1, 3, 5, 7}


def test_connections_of_a_site_are_bounded(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    plant(tmp_path, {"bareos-dir.conf": DIR})
    site = load_network(config=tmp_path, resolve=False).site
    assert site is not None
    monkeypatch.setattr(build, "MAX_EXPECTATIONS", len(site.expectations))
    load_network(config=tmp_path, resolve=False)
    monkeypatch.setattr(build, "MAX_EXPECTATIONS", len(site.expectations) - 1)
    with pytest.raises(ConfigurationError, match="calls for more than"):
        load_network(config=tmp_path, resolve=False)


def test_storages_of_one_daemon_are_told_apart_once_each(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A changer with many drives: what Bareos tells daemons by was worked out for each pair. It is
    now for each storage: when they are counted, for 5b, and for 8."""
    one = (
        "Storage {{ Name = s{}; Password = p; Address = 10.0.0.1; Device = f; MediaType = F\n }}\n"
    )
    text = DIR.splitlines()[0] + "\n }\n" + "".join(one.format(n) for n in range(60))
    asked: list[object] = []
    key = "auditor.site.control_connections.daemon_key"
    monkeypatch.setattr(key, lambda storage: asked.append(storage) or ("same",))
    plant(tmp_path, {"bareos-dir.conf": text})
    site = load_network(config=tmp_path, resolve=False).site
    assert site is not None
    assert not [row for row in site.expectations if row.connection == "8"]
    assert len(asked) == 3 * 60
