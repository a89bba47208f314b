"""Which pairs the Jobs are planned to use (bareos.md §4.1)."""

from __future__ import annotations

from pathlib import Path

import pytest
from scene import edited
from site_of import at, row, site_of

from auditor.site.model import Site

PLAIN = "Job { Name = new; Type = Backup; Client = fd1; FileSet = set; Messages = msg; %s }\n"


def planned(folder: Path, directives: str, more: str = "") -> dict[str, list[str]]:
    """The storages that a job of fd1 and its copies are planned for, by number."""
    site = site_of(folder, dir=edited("dir", "JobDefs {", more + PLAIN % directives + "JobDefs {"))
    return used(site, "new")


def used(site: Site, job: str) -> dict[str, list[str]]:
    found: dict[str, list[str]] = {}
    for r in site.expectations:
        if job in {one.name for one in r.jobs}:
            found.setdefault(r.connection, []).append(r.id.partition(":")[2])
    return found


POOL = "Pool {{ Name = {}; Pool Type = Backup; Storage = {} }}\n"


@pytest.mark.parametrize(
    ("directives", "storages"),
    [
        ("Pool = full; Storage = sd2", ["sd1", "sd2"]),
        ("Pool = bare; Storage = sd2", ["sd2"]),
        ("Pool = bare; Storage = sd1, sd2", ["sd1", "sd2"]),
        ("Pool = bare; Storage = sd2; Full Backup Pool = full", ["sd1", "sd2"]),
        ("Pool = copies; Incremental Backup Pool = full", ["sd1", "sd2"]),
        ("Pool = copies; Differential Backup Pool = full", ["sd1", "sd2"]),
        ("Pool = copies; Virtual Full Backup Pool = full", ["sd1", "sd2"]),
        ("Pool = bare", []),
    ],
)
def test_the_union_of_all_that_a_job_may_use_is_planned(
    directives: str, storages: list[str], tmp_path: Path
) -> None:
    bare = "Pool { Name = bare; Pool Type = Backup }\n"
    found = planned(tmp_path, directives, bare)
    assert found == ({"6": [f"fd1>{name}" for name in storages]} if storages else {})


@pytest.mark.parametrize(
    ("override", "storages"),
    [
        ("Storage=sd2", ["sd1", "sd2"]),
        ("Pool=copies", ["sd1", "sd2"]),
        ("FullPool=copies", ["sd1", "sd2"]),
        ("Level=Full", ["sd1"]),
    ],
)
def test_a_schedule_may_override_the_storage(
    override: str, storages: list[str], tmp_path: Path
) -> None:
    schedule = f"Schedule {{ Name = nightly; Run = {override} daily at 21:00\n }}\n"
    found = planned(tmp_path, "Pool = full; Schedule = nightly", schedule)
    assert found == {"6": [f"fd1>{name}" for name in storages]}


def test_a_job_takes_what_it_leaves_open_from_its_jobdefs(tmp_path: Path) -> None:
    site = site_of(tmp_path)
    assert used(site, "job1") == {"6": ["fd1>sd1"]}
    assert used(site, "job2") == {"7": ["sd1>fd2"]}
    assert [at(job.source) for job in row(site, "6:fd1>sd1").jobs] == ["dir:17"]


def test_a_copy_goes_from_the_pools_storage_to_its_next_pools(tmp_path: Path) -> None:
    site = site_of(tmp_path)
    assert used(site, "copy") == {"8": ["sd1>sd2"]}
    assert row(site, "8:sd1>sd2").hello_jobs == {"job1", "job2", "job3"}
    assert row(site, "8:sd2>sd1").hello_jobs == set()


@pytest.mark.parametrize("kind", ["Copy", "Migrate"])
def test_a_jobs_own_next_pool_counts_too(kind: str, tmp_path: Path) -> None:
    directives = "Pool = copies; Next Pool = full; Selection Type = Job"
    changed = edited("dir", "JobDefs {", PLAIN % directives + "JobDefs {")
    changed = changed.replace("new; Type = Backup", f"new; Type = {kind}")
    assert used(site_of(tmp_path, dir=changed), "new") == {"8": ["sd2>sd1"]}


@pytest.mark.parametrize(
    ("directives", "connections"),
    [
        ("Type = Restore; Pool = full", {"6": ["fd1>sd1"]}),
        ("Type = Verify; Level = VolumeToCatalog; Pool = full", {"6": ["fd1>sd1"]}),
        ("Type = Verify; Level = Catalog; Pool = full", {}),
        ("Type = Verify; Level = InitCatalog; Pool = full", {}),
        ("Type = Verify; Level = DiskToCatalog; Pool = full", {}),
        ("Type = Admin; Pool = full", {}),
        ("Type = Consolidate; Pool = full", {}),
        ("Type = Backup; Pool = full; Protocol = NDMP_BAREOS", {}),
    ],
)
def test_a_job_opens_the_data_channel_of_its_kind(
    directives: str, connections: dict[str, list[str]], tmp_path: Path
) -> None:
    changed = edited("dir", "JobDefs {", PLAIN % directives + "JobDefs {")
    changed = changed.replace("new; Type = Backup; ", "new; ")
    assert used(site_of(tmp_path, dir=changed), "new") == connections


def test_verify_jobs_are_known_since_they_ignore_lan_addresses(tmp_path: Path) -> None:
    changed = edited("dir", "JobDefs {", PLAIN % "Level = Data; Pool = full" + "JobDefs {")
    changed = changed.replace("new; Type = Backup", "new; Type = Verify")
    assert site_of(tmp_path, dir=changed).verify_jobs == {"new"}


def test_every_job_is_one_that_a_hello_may_name(tmp_path: Path) -> None:
    assert site_of(tmp_path).jobs == {"dir": {"job1", "job2", "job3", "copy"}}
