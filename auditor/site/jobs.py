"""Which pairs of client and storage, and of two storages, the Jobs are planned to use.

A job's storage is Run override, else the Pool's Storage (the Pool chosen by level or schedule),
else the Job's own (bareos.md §4.1): the union of all of these is what may happen without anybody
typing ``run``.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from auditor.config.jobdefs import effective_jobs
from auditor.config.resources import ProgramConfig, Resource, Setting

_POOLS = (
    "Pool",
    "FullBackupPool",
    "IncrementalBackupPool",
    "DifferentialBackupPool",
    "VirtualFullBackupPool",
)
_RUN_POOLS = ("Pool", "FullPool", "IncrementalPool", "DifferentialPool", "VirtualFullPool")

#: Job types that move data between two storages and talk to no client (bareos.md §4.1).
_COPYING = frozenset({"copy", "migrate"})
#: Job types that talk to no client and stay on one storage daemon.
_LOCAL = frozenset({"consolidate", "admin", "archive"})
#: Levels at which a Verify job needs no storage (bareos.md §4.1).
_WITHOUT_VOLUMES = frozenset({"catalog", "initcatalog", "disktocatalog"})


@dataclass(frozen=True, slots=True)
class Plan:
    """What the Jobs of one Director are planned to do."""

    data: Mapping[tuple[str, str], tuple[Resource, ...]]
    """Jobs by (Client name, Storage name): connection 6 or 7."""
    copies: Mapping[tuple[str, str], tuple[Resource, ...]]
    """Jobs by (read Storage name, write Storage name): connection 8."""
    stored: Mapping[str, frozenset[str]]
    """Names of the Jobs that are planned to write to a Storage, by its name."""
    verify: frozenset[str]
    """Names of Verify jobs."""
    names: frozenset[str]
    """All Job and JobDefs-filled names: what an R_JOB identity may begin with."""


def plan(program: ProgramConfig) -> Plan:
    """Return the plan of one Director's configuration."""
    pools = {pool.name: pool for pool in program.of("Pool")}
    schedules = {schedule.name: schedule for schedule in program.of("Schedule")}
    data: dict[tuple[str, str], list[Resource]] = defaultdict(list)
    copies: dict[tuple[str, str], list[Resource]] = defaultdict(list)
    jobs = effective_jobs(program)
    for job in jobs:
        kind = job.text("Type").lower()
        runs = schedules[job.text("Schedule")].runs if job.text("Schedule") in schedules else ()
        used = _pools_of(job, runs, pools)
        storages = _names(job.get("Storage")) | _storages(used)
        storages |= {name for run in runs for name in _names(run.get("Storage"))}
        if kind in _COPYING:
            read = _storages(used) or storages
            for pair in ((r, w) for r in read for w in _targets(job, runs, used, pools)):
                copies[pair].append(job)
        elif job.text("Client") and _moves_data(job, kind):
            for storage in storages:
                data[job.text("Client"), storage].append(job)
    stored: dict[str, set[str]] = defaultdict(set)
    for (_, storage), planned in data.items():
        stored[storage].update(job.name for job in planned)
    return Plan(
        {pair: tuple(found) for pair, found in data.items()},
        {pair: tuple(found) for pair, found in copies.items()},
        {storage: frozenset(names) for storage, names in stored.items()},
        frozenset(job.name for job in jobs if job.text("Type").lower() == "verify"),
        frozenset(job.name for job in jobs),
    )


def _moves_data(job: Resource, kind: str) -> bool:
    """Tell whether a job opens a numbered data channel: NDMP does so outside the numbering."""
    if kind in _LOCAL or job.text("Protocol").lower().startswith("ndmp"):
        return False
    return not (kind == "verify" and job.text("Level").lower() in _WITHOUT_VOLUMES)


def _names(setting: Setting | None) -> set[str]:
    if setting is None:
        return set()
    if isinstance(setting.value, tuple):
        return {item for item in setting.value if isinstance(item, str)}
    return {setting.value} if isinstance(setting.value, str) else set()


def _pools_of(
    job: Resource, runs: Iterable[Mapping[str, Setting]], pools: Mapping[str, Resource]
) -> list[Resource]:
    names = {job.text(key) for key in _POOLS}
    for run in runs:
        for key in _RUN_POOLS:
            names |= _names(run.get(key))
    return [pools[name] for name in sorted(names) if name in pools]


def _storages(pools: Iterable[Resource]) -> set[str]:
    return {name for pool in pools for name in _names(pool.get("Storage"))}


def _targets(
    job: Resource,
    runs: Iterable[Mapping[str, Setting]],
    used: Iterable[Resource],
    pools: Mapping[str, Resource],
) -> set[str]:
    """Return the storages of every NextPool: the run's, the job's, or that of a pool it reads."""
    names = {job.text("NextPool")} | {pool.text("NextPool") for pool in used}
    for run in runs:
        names |= _names(run.get("NextPool"))
    return _storages(pools[name] for name in names if name in pools)
