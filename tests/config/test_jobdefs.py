"""Jobs take from JobDefs what they do not set (bareos.md §5.6)."""

from __future__ import annotations

from bareosconf import parse

from auditor.config.jobdefs import effective_jobs
from auditor.config.resources import Program, ProgramConfig, Resource


def jobs(text: str) -> dict[str, Resource]:
    resources = parse(text).resources
    program = ProgramConfig(Program.DIRECTOR, "x", "", resources)
    return {job.name: job for job in effective_jobs(program)}


def test_a_job_takes_what_it_does_not_set_and_keeps_the_source() -> None:
    job = jobs(
        "JobDefs { Name = d\n Client = c1\n Pool = p1\n Storage = s1, s2\n }\n"
        "Job { Name = j\n JobDefs = d\n Client = c2\n }\n"
    )["j"]
    assert (job.text("Client"), job.text("Pool"), job.name) == ("c2", "p1", "j")
    assert (job.where("Client").line, job.where("Pool").line) == (8, 3)
    storage = job.get("Storage")
    assert storage and storage.value == ("s1", "s2")


def test_a_list_of_the_job_replaces_that_of_its_jobdefs() -> None:
    job = jobs(
        "JobDefs { Name = d\n Storage = s1\n }\nJob { Name = j\n JobDefs = d\n Storage=s2\n}"
    )
    storage = job["j"].get("Storage")
    assert storage and storage.value == ("s2",)


def test_jobdefs_may_use_jobdefs() -> None:
    text = (
        "JobDefs { Name = base\n Client = c\n Pool = p\n }\n"
        "JobDefs { Name = more\n JobDefs = base\n Pool = q\n }\n"
        "Job { Name = j\n JobDefs = more\n }\n"
    )
    job = jobs(text)["j"]
    assert (job.text("Client"), job.text("Pool")) == ("c", "q")


def test_a_link_read_before_the_one_it_uses_passes_on_only_that_ones_own_settings() -> None:
    text = (
        "JobDefs { Name = a\n JobDefs = b\n }\n"
        "JobDefs { Name = b\n JobDefs = c\n Pool = p\n }\n"
        "JobDefs { Name = c\n Client = x\n }\n"
        "Job { Name = j\n JobDefs = a\n }\n"
    )
    job = jobs(text)["j"]
    assert (job.text("Pool"), job.text("Client")) == ("p", "")


def test_a_circle_of_jobdefs_ends() -> None:
    text = (
        "JobDefs { Name = a\n JobDefs = b\n Client = x\n }\n"
        "JobDefs { Name = b\n JobDefs = a\n Pool = p\n }\n"
        "JobDefs { Name = c\n JobDefs = c\n }\n"
        "Job { Name = j\n JobDefs = b\n }\n"
        "Job { Name = k\n JobDefs = c\n }\n"
    )
    found = jobs(text)
    assert (found["j"].text("Client"), found["j"].text("Pool")) == ("x", "p")
    assert found["k"].text("Client") == ""


def test_unknown_jobdefs_change_nothing() -> None:
    assert set(jobs("Job { Name = j\n JobDefs = gone\n }")["j"].settings) == {"Name", "JobDefs"}
