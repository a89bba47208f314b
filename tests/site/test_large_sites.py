"""What a site costs grows with its daemons, not with their pairs: work is counted, not timed."""

from __future__ import annotations

import sys
from collections.abc import Callable
from pathlib import Path
from types import FrameType
from typing import Any

import pytest
from bareosconf import plant

from auditor.config.reading import read_configuration
from auditor.judge.rules.configuration import judge_configuration
from auditor.judge.rules.rule import load_rules
from auditor.site.build import build_site
from auditor.site.resolver import Resolver

DIRECTOR = """\
Director { Name = d; Password = p\n }
Storage { Name = s; Password = p; Address = 10.0.0.20; Device = f; MediaType = F\n }
Pool { Name = q; Pool Type = Backup; Storage = s\n }
FileSet { Name = f\n }
Messages { Name = m\n }
"""
CLIENT = "Client {{ Name = c{0}; Password = p{0}; Address = {1}\n }}\n"
JOB = "Job {{ Name = j{0}; Type = Backup; Client = c{0}; FileSet = f; Pool = q; Messages = m\n }}\n"
STORAGE = """\
Storage { Name = s\n }
Director { Name = d; Password = p\n }
Device { Name = f; MediaType = F; ArchiveDevice = /f\n }
"""
DAEMON = "Client {{ Name = c{0}\n }}\nDirector {{ Name = d; Password = p{0}\n }}\n"


def address(number: int) -> str:
    return f"10.1.{number // 200}.{number % 200 + 1}"


def clients(count: int) -> dict[str, str]:
    """A Director's file alone."""
    text = "".join(CLIENT.format(n, address(n)) + JOB.format(n) for n in range(count))
    return {"dir/bareos-dir.conf": DIRECTOR + text}


def trees(count: int) -> dict[str, str]:
    """The same, and the file of each File Daemon."""
    daemons = {f"h{n}/bareos-fd.conf": DAEMON.format(n) for n in range(count)}
    return clients(count) | daemons


def same_names(count: int) -> dict[str, str]:
    """As many File Daemons that all have one name."""
    texts = {f"h{n}/bareos-fd.conf": DAEMON.format(0) for n in range(count)}
    return clients(count) | texts


def provider(count: int, names: str = "d{0}") -> dict[str, str]:
    """Networks of four File Daemons and a Director each, with the files of all."""
    found: dict[str, str] = {}
    for number in range(count // 4):
        name, some = names.format(number), range(4 * number, 4 * number + 4)
        text = DIRECTOR.replace("Name = d;", f"Name = {name}; Address = 10.2.0.{number + 1};")
        text = text.replace("10.0.0.20", f"10.3.0.{number + 1}")
        text += "".join(CLIENT.format(n, address(n)) + JOB.format(n) for n in some)
        found[f"dir{number}/bareos-dir.conf"] = text
        storage = STORAGE.replace("Name = d;", f"Name = {name};")
        found[f"sd{number}/bareos-sd.conf"] = storage
        for n in some:
            found[f"h{n}/bareos-fd.conf"] = DAEMON.format(n).replace("Name = d;", f"Name = {name};")
    return found


def provider_of_one_name(count: int) -> dict[str, str]:
    """The same, where all Directors have the name that the packages give them."""
    return provider(count, "bareos-dir")


def work(call: Callable[[], Any]) -> int:
    """Count the instructions of Python that a call takes."""
    done = 0

    def opcode(frame: FrameType, event: str, _: object) -> Any:
        nonlocal done
        frame.f_trace_lines, frame.f_trace_opcodes = False, True
        done += event == "opcode"
        return opcode

    before = sys.gettrace()
    sys.settrace(opcode)
    try:
        call()
    finally:
        sys.settrace(before)
    return done


@pytest.mark.slow
@pytest.mark.parametrize("network", [clients, trees, same_names, provider, provider_of_one_name])
def test_twice_as_many_daemons_are_twice_the_work(
    tmp_path: Path, network: Callable[[int], dict[str, str]]
) -> None:
    """Issue 8: linking 2000 trees took half a minute."""
    rules = load_rules()

    def made(count: int) -> int:
        configuration = read_configuration([plant(tmp_path / str(count), network(count))])
        resolver = Resolver(system=False)
        return work(lambda: judge_configuration(build_site(configuration, resolver), rules))

    made(4)  # what is worked out once
    assert made(120) < 2.15 * made(60)
