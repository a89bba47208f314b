"""What connections 6, 7 and 8 come to is known before any of them is made."""

from __future__ import annotations

from pathlib import Path

import pytest
from bareosconf import plant
from paths import CAPTURES

from auditor.config.reading import read_configuration
from auditor.errors import ConfigurationError
from auditor.pipeline.network import load_network
from auditor.site import build, data_connections, jobs
from auditor.site.data_connections import count_data
from auditor.site.resolver import Resolver
from auditor.site.site_file import SiteFile
from auditor.site.topology import TopologyBuilder

HEAD = "Director { Name = d; Password = p\n }\n"
CLIENT = "Client {{ Name = c{0}; Password = p; Address = c{0}.example\n }}\n"
STORAGE = (
    "Storage {{ Name = s{0}; Password = p; Address = s{1}.example; Device = f; MediaType = F\n }}\n"
)
FILE_DAEMON = "Client { Name = fd\n }\nDirector { Name = d; Password = p\n }\n"
STORAGE_DAEMON = "Storage { Name = sd\n }\nDirector { Name = d; Password = q\n }\n"


def director(clients: int, daemons: list[int], more: str = "") -> dict[str, str]:
    """A Director with some clients, and a storage of each of these daemons."""
    storages = [STORAGE.format(n, daemon) for n, daemon in enumerate(daemons)]
    text = "".join((HEAD, *map(CLIENT.format, range(clients)), *storages, more))
    return {"bareos-dir.conf": text}


def counted(*paths: Path) -> int:
    topology = TopologyBuilder(read_configuration(paths), Resolver(system=False), SiteFile())
    return sum(map(count_data, topology.domains()))


def made(*paths: Path) -> int:
    site = load_network(config=paths, resolve=False).site
    assert site is not None
    return sum(row.connection in {"6", "7", "8"} for row in site.expectations)


@pytest.mark.parametrize(
    ("files", "expected"),
    [
        (director(3, [0, 1]), 2 * 3 * 2 + 2),
        (director(0, [0, 0, 0, 1, 2, 2]), 6 * 6 - 9 - 1 - 4),
        (director(2, [5, 5]), 2 * 2 * 2),
        ({"bareos-fd.conf": FILE_DAEMON}, 2),
        ({"bareos-sd.conf": STORAGE_DAEMON}, 3),
        ({"fd/bareos-fd.conf": FILE_DAEMON, "sd/bareos-sd.conf": STORAGE_DAEMON}, 2 * 3 + 1),
        ({"bconsole.conf": HEAD}, 0),
    ],
)
def test_what_is_counted_is_made(tmp_path: Path, files: dict[str, str], expected: int) -> None:
    plant(tmp_path, files)
    assert counted(tmp_path) == made(tmp_path) == expected


@pytest.mark.parametrize("name", ["trouble", "lan-nat-active", "self-copy", "modes"])
def test_what_is_counted_of_real_networks_is_made(name: str) -> None:
    config = CAPTURES / name / "config"
    assert counted(config) == made(config) > 0


def test_a_site_of_too_many_connections_is_refused_before_any_is_made(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """1500 clients and as many storages took 1.5 GB and half a minute to be refused."""
    plant(tmp_path, director(30, list(range(30))))
    whole = 2 * 30 * 30 + 30 * 29
    monkeypatch.setattr(build, "MAX_EXPECTATIONS", whole - 1)
    monkeypatch.setattr(data_connections, "Expectation", None)
    with pytest.raises(ConfigurationError, match=f"calls for more than {whole - 1} connections"):
        load_network(config=tmp_path, resolve=False)


POOLS = "".join(
    f"Pool {{ Name = p{n}; Pool Type = Backup; Storage = s0, s1, s2; "
    f"Next Pool = p{(n + 1) % 4}\n }}\n"
    for n in range(4)
)
RUNS = "".join(f" Run = Full Pool=p{n} mon at 1:00\n" for n in range(4))
JOBS = "".join(
    f"Job {{ Name = j{n}; Type = KIND; Client = c0; Schedule = w; Pool = p0; FileSet = f;"
    " Messages = m\n }\n"
    for n in range(5)
)


@pytest.mark.parametrize(
    ("kind", "work"),
    [("Backup", 5 * (4 + 12 + 12)), ("Copy", 5 * (4 + 12 + 12 + 9))],
)
def test_jobs_times_pools_times_storages_are_counted(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, kind: str, work: int
) -> None:
    """A Schedule may name 10 000 pools and each of these 10 000 storages, for every Job."""
    more = POOLS + f"Schedule {{ Name = w\n{RUNS} }}\n" + JOBS.replace("KIND", kind)
    plant(tmp_path, director(1, [0, 1, 2], more))
    monkeypatch.setattr(jobs, "MAX_PLANNED", work)
    load_network(config=tmp_path, resolve=False)
    monkeypatch.setattr(jobs, "MAX_PLANNED", work - 1)
    with pytest.raises(ConfigurationError, match="name more than"):
        load_network(config=tmp_path, resolve=False)
