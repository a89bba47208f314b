"""Fills Jobs with what they take from JobDefs (bareos.md §5.6)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from auditor.config.resources import ProgramConfig, Resource, Setting


def effective_jobs(program: ProgramConfig) -> tuple[Resource, ...]:
    """Return the Jobs with every setting that they leave to their JobDefs; sources are kept.

    JobDefs may use JobDefs. The Director fills them once, in reading order, so a chain works as
    far as each link is read after the one it uses; a circle ends by itself.
    """
    defaults = {resource.name: resource.settings for resource in program.of("JobDefs")}
    for resource in program.of("JobDefs"):
        defaults[resource.name] = _filled(resource, defaults)
    return tuple(replace(job, settings=_filled(job, defaults)) for job in program.of("Job"))


def _filled(
    resource: Resource, defaults: Mapping[str, Mapping[str, Setting]]
) -> Mapping[str, Setting]:
    used = resource.text("JobDefs")
    if used not in defaults or (resource.type == "JobDefs" and used == resource.name):
        return resource.settings
    return {**defaults[used], **resource.settings}
