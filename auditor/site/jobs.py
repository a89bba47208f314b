"""Which pairs of client and storage, and of two storages, the Jobs are planned to use.

A job's storage is Run override, else the Pool's Storage (the Pool chosen by level or schedule),
else the Job's own (bareos.md §4.1): the union of all of these is what may happen without anybody
typing ``run``.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from itertools import product
from typing import NamedTuple

from auditor.config.jobdefs import effective_jobs
from auditor.config.resources import ProgramConfig, Resource, Setting
from auditor.errors import ConfigurationError

#: Pools and storages that Jobs may name, through a Schedule or a Pool each its many: ten storages
#: for each of a hundred thousand Jobs.
MAX_PLANNED = 1_000_000
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


class Plan(NamedTuple):
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
    """Return the plan of one Director's configuration.

    Raises ConfigurationError where its Jobs have more than ``MAX_PLANNED`` pools and storages.
    """
    pools = {pool.name: pool for pool in program.of("Pool")}
    schedules = {schedule.name: _runs(schedule.runs) for schedule in program.of("Schedule")}
    data: dict[tuple[str, str], list[Resource]] = defaultdict(list)
    copies: dict[tuple[str, str], list[Resource]] = defaultdict(list)
    jobs = effective_jobs(program)
    counted = 0
    for job in jobs:
        kind = job.text("Type").lower()
        runs = schedules.get(job.text("Schedule"), _Runs())
        used = _pools_of(job, runs, pools)
        through, beyond = _storages(used), _targets(job, runs, used, pools)
        counted += len(runs.pools) + len(runs.storages) + len(through) + len(beyond)
        storages = _names(job.get("Storage")) | runs.storages | set(through)
        read, write = set(through) or storages, set(beyond)
        if kind in _COPYING:
            counted += len(read) * len(write)
        if counted > MAX_PLANNED:
            raise ConfigurationError(
                f"its Jobs name more than {MAX_PLANNED} pools and storages between them; give a "
                "part of its Jobs at a time",
                program.root,
            )
        if kind in _COPYING:
            for pair in product(read, write):
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


class _Runs(NamedTuple):
    """What the Run directives of one Schedule override, together."""

    pools: frozenset[str] = frozenset()
    next_pools: frozenset[str] = frozenset()
    storages: frozenset[str] = frozenset()


def _runs(runs: Iterable[Mapping[str, Setting]]) -> _Runs:
    def named(*keys: str) -> frozenset[str]:
        return frozenset().union(*(_names(run.get(key)) for run in runs for key in keys))

    return _Runs(named(*_RUN_POOLS), named("NextPool"), named("Storage"))


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


def _pools_of(job: Resource, runs: _Runs, pools: Mapping[str, Resource]) -> list[Resource]:
    names = runs.pools.union(job.text(key) for key in _POOLS)
    return [pools[name] for name in sorted(names) if name in pools]


def _storages(pools: Iterable[Resource]) -> list[str]:
    return [name for pool in pools for name in _names(pool.get("Storage"))]


def _targets(
    job: Resource, runs: _Runs, used: Iterable[Resource], pools: Mapping[str, Resource]
) -> list[str]:
    """Return the storages of every NextPool: the run's, the job's, or that of a pool it reads."""
    names = {job.text("NextPool"), *(pool.text("NextPool") for pool in used), *runs.next_pools}
    return _storages(pools[name] for name in names if name in pools)
