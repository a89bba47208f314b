"""What works on a machine, on a terminal and as JSON."""

from __future__ import annotations

import json

import pytest

from auditor.report import Format, reporter
from auditor.report.interface import RenderOptions
from auditor.report.machine import Looked, Machine, Sees

BLIND = Machine(
    checks=[
        Looked("kernel", "ok", "Linux 6.1", ""),
        Looked("a rather long name", "missing", "no\x1b[31m", "Do this."),
        Looked("another", "missing", "nor this", "Do this."),
        Looked("cache", "limited", "not kept", "Or that."),
    ],
    backends=[Sees("ebpf", packets=False, sockets=False, lacks=("BTF",))],
    conclusion=["cannot capture: ebpf (lacks BTF)", "cannot tell anything"],
)
WORKS = BLIND._replace(
    backends=[Sees("dumpcap", packets=True, sockets=False, lacks=())], conclusion=["can capture"]
)


def test_it_is_a_table_that_ends_in_the_conclusion() -> None:
    assert reporter(Format.TABLE).machine(BLIND).splitlines() == [
        "ok       kernel              Linux 6.1",
        "missing  a rather long name  no?[31m",
        "                             Do this.",
        "missing  another             nor this",
        "limited  cache               not kept",
        "                             Or that.",
        "",
        "cannot capture: ebpf (lacks BTF)",
        "cannot tell anything",
    ]


@pytest.mark.parametrize(("machine", "colour"), [(BLIND, "31"), (WORKS, "32")])
def test_the_colour_of_the_conclusion_says_whether_it_can(machine: Machine, colour: str) -> None:
    text = reporter(Format.TABLE, RenderOptions(colour=True)).machine(machine)
    assert f"\x1b[1;{colour}m{machine.conclusion[0]}" in text


@pytest.mark.parametrize("machine", [BLIND, WORKS])
def test_json_has_all_of_it(machine: Machine) -> None:
    document = json.loads(reporter(Format.JSON).machine(machine))
    assert document["can_capture"] is machine.can_capture
    assert document["conclusion"] == machine.conclusion
    assert [one["name"] for one in document["checks"]] == [one.name for one in machine.checks]
    assert [one["hint"] for one in document["checks"]] == [
        *(None, "Do this.", "Do this.", "Or that.")
    ]
    assert [one["lacks"] for one in document["backends"]] == [
        list(one.lacks) for one in machine.backends
    ]


def test_a_format_that_has_it_not_says_so() -> None:
    with pytest.raises(NotImplementedError):
        reporter(Format.CSV).machine(BLIND)
