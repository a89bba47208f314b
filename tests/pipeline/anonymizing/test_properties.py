"""Whatever can be read can be read with other names, and has the same resources."""

from __future__ import annotations

from collections import Counter
from pathlib import Path
from random import Random

import pytest

from auditor.config.problem_kinds import ProblemKind
from auditor.config.reading import read_configuration
from auditor.config.resources import Configuration, Program
from auditor.config.schema import Kind, ResourceType, keyword_set, resource_types
from auditor.errors import BareosAuditError
from auditor.pipeline.anonymizing.configuration import anonymize_configuration
from auditor.pipeline.anonymizing.stand_ins import StandIns

STAND_INS = StandIns(b"a key")
FILES = {
    Program.DIRECTOR: "bareos-dir.conf",
    Program.STORAGE_DAEMON: "bareos-sd.conf",
    Program.FILE_DAEMON: "bareos-fd.conf",
    Program.CONSOLE: "bconsole.conf",
    Program.TRAY_MONITOR: "tray-monitor.conf",
}
#: Values of each kind, among them such as no program takes.
VALUES: dict[Kind, list[str]] = {
    Kind.TEXT: ["zzsecret", '"zz secret"', "zz.secret", "10.9.8.7", "fd00::9", "[md5]zz", "\\zz"],
    Kind.TEXTS: ["zzone, zztwo", '"zz three"', "zzone,zztwo, zz4 zz5"],
    Kind.BOOLEAN: ["yes", "No", "true", '"0"', "Off"],
    Kind.NUMBER: ["0", "9102", "70000", "1.5", "99999999999", '"12"', "x"],
    Kind.TIME: ["60", "1 h", "5 m", "1 min, 2", '"3 days"', "2 months 1 zz", "1\tmin", "-4"],
    Kind.SIZE: ["10", "5 gb", "7 k 3", "9 zz"],
    Kind.SPEED: ["10", "5 kb/s", "9 zz"],
    Kind.PASSWORD: ["zzpass", '"zz pass"', '"[md5]5ebe2294ecd0e0f08eab7690d2a6ee69"', '""'],
    Kind.PORT: ["9101", "9102x", "0"],
    Kind.ADDRESS: ["zzhost", "10.9", "fd00::7", "zz host"],
    Kind.ADDRESSES: [
        "{ ip = { addr = zzhost; port = 7 } }",
        "{ipv6={\nport=9\n}\nip={addr=10.9}\n}",
    ],
    Kind.RUN: ["Level=Full at 3:33", "Full daily at 1:01", "mon zz"],
    Kind.REST: ["zzmail = all, !zz", "zz"],
    Kind.BLOCK: ["{ zz = { zz } }", "{ }"],
}
for like, kinds in {
    Kind.TEXT: (Kind.NAME, Kind.WORD, Kind.REFERENCE, Kind.NAMES),
    Kind.TEXTS: (Kind.REFERENCES,),
    Kind.PASSWORD: (Kind.CLEAR,),
}.items():
    VALUES |= dict.fromkeys(kinds, VALUES[like])


def resource(rand: Random, kind: ResourceType, number: int) -> str:
    known = {one.name: one for one in kind.directives.values()}
    chosen = [*kind.required, *rand.sample(sorted(known), min(len(known), 4))]
    lines = []
    for name in dict.fromkeys(chosen):
        directive = known[name]
        values = VALUES.get(directive.kind) or [*keyword_set(directive.target).values()]
        value = f'"zz name {number}"' if name == "Name" else rand.choice(values)
        equals = " " if directive.kind is Kind.BLOCK else rand.choice([" = ", "="])
        tail = rand.choice(["", "", "", " # zz", "; ", " zz"])
        lines.append(rand.choice([name, name.upper()]) + equals + value + tail)
    lines.append("ZzUnknown = zz" * (rand.random() < 0.2))
    rand.shuffle(lines)
    return f"{kind.name} {{\n" + "\n".join(lines) + "\n}\n"


def outline(configuration: Configuration) -> object:
    (program,) = configuration.programs
    return program.program, program.whole, program.bacula


@pytest.mark.parametrize("program", Program)
def test_what_can_be_read_is_read_alike(program: Program, tmp_path: Path) -> None:
    rand, done = Random(program.value), 0
    kinds = sorted({one.name: one for one in resource_types(program).values()}.items())
    for turn in range(150):
        source, new = tmp_path / f"true{turn}", tmp_path / f"new{turn}"
        source.mkdir()
        text = "".join(resource(rand, rand.choice(kinds)[1], at) for at in range(2))
        (source / FILES[program]).write_text(text)
        try:
            true = read_configuration([source])
        except BareosAuditError:
            with pytest.raises(BareosAuditError):
                anonymize_configuration([source], str(new), b"a key")
            continue
        made = anonymize_configuration([source], str(new), b"a key")
        done += 1
        anew = read_configuration(made.config)
        assert outline(anew) == outline(true), text
        written = (new / FILES[program]).read_text()
        assert "zz" not in written.lower(), text
        for one, other in zip(true.programs[0].resources, anew.programs[0].resources, strict=True):
            assert (one.type, STAND_INS.name(one.name)) == (other.type, other.name)
            assert [*one.settings] == [*other.settings], text
            for name, setting in one.settings.items():
                assert other.settings[name].source.line == setting.source.line
                if isinstance(setting.value, int):
                    assert other.settings[name].value == setting.value, text
        kinds_of = [Counter(problem.kind for problem in one.problems) for one in (true, anew)]
        for counted in kinds_of:  # a blank inside of an unquoted name, where its like allows none
            counted.pop(ProblemKind.BLANKS_DROPPED, None)
        assert kinds_of[0] == kinds_of[1], text
    assert done > 20
