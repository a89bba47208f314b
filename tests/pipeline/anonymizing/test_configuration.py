"""A configuration with other names is read as the true one, whatever it is written like."""

from __future__ import annotations

import os
import re
from collections import Counter
from pathlib import Path
from typing import Any

import pytest

from auditor.config.reading import read_configuration
from auditor.config.resources import Configuration, Listen, Secret
from auditor.errors import ConfigurationError, OutputError
from auditor.pipeline.anonymizing.configuration import (
    AnonymizedConfiguration,
    anonymize_configuration,
)
from auditor.pipeline.anonymizing.stand_ins import StandIns

KEY = b"a key"
STAND_INS = StandIns(KEY)
FD = 'Client {\n  Name = fd1\n}\nDirector {\n  Name = dir1\n  Password = "secret one"\n}\n'
DIRECTOR = 'Director {\n  Name = dir1\n  Password = "secret two"\n'


def write(folder: Path, **files: str) -> Path:
    """Write files; in names ``__`` stands for a slash and ``_`` for a dot."""
    for name, text in files.items():
        path = folder / name.replace("__", "/").replace("_", ".").replace("bareos.", "bareos-")
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
    return folder


def anonymize(folder: Path, *paths: Path, **more: Any) -> AnonymizedConfiguration:
    return anonymize_configuration(paths or (folder / "etc",), str(folder / "new"), KEY, **more)


def read(made: AnonymizedConfiguration) -> Configuration:
    return read_configuration(made.config, include_root=made.include_root)


def said(folder: Path) -> str:
    return "".join(path.read_text() for path in folder.rglob("*") if path.is_file())


def director(folder: Path, *lines: str) -> Path:
    return write(folder / "etc", bareos_dir_conf=DIRECTOR + "\n".join(lines))


def test_every_line_stays_where_it_was(tmp_path: Path) -> None:
    director(tmp_path, "", "# a comment", "Port = 9111 }", "", "Client { Name = c; Address = a.b")
    with (tmp_path / "etc/bareos-dir.conf").open("a") as file:
        file.write('\n\n  Password = "p"\n}\n')
    made = anonymize(tmp_path)
    (program,) = read(made).programs
    client = next(program.of("Client"))
    assert (client.source.line, client.where("Address").line, client.where("Password").line) == (
        8,
        8,
        10,
    )
    assert made.files == 1


ODD = {
    "time-in-months": "HeartbeatInterval = 5 m",
    "heartbeat-too-long": "HeartbeatInterval = 12 hours",
    "time-negative": "FdConnectTimeout = -5",
    "time-cut": "HeartbeatInterval = 1 min, 30 s",
    "boolean-deprecated": "TlsEnable = true",
    "directive-deprecated": "StatisticsRetention = 5 years",
    "directive-unknown": "Secret Directive = { secret }",
    "text-ignored": "MaximumConcurrentJobs = 5 secrets",
    "port-repeated": "Port = 9111\n  Port = 9112",
    "resource-type-deprecated": "}\nCounter { Name = secret",
    "blanks-dropped": "}\nClient { Name = se cret; Address = x; Password = y",
    "port-impossible": "}\nClient { Name = secret; Address = x; Password = y; Port = 70000",
    "directive-missing": "}\nClient { Name = secret; Address = x",
    "include-command-not-run": '@|"secret of mine"',
    "include-not-given": "@/secret/secret.conf",
    "include-outside-tree": "@../../secret.conf",
    "include-relocated": "}\n@/etc/bareos/more/secret.conf\nPool { Name = Secret",
}


def places(configuration: Configuration) -> Counter[object]:
    return Counter((one.kind, one.source and one.source.line) for one in configuration.problems)


@pytest.mark.parametrize("kind", ODD)
def test_what_is_odd_stays_so(tmp_path: Path, kind: str) -> None:
    director(tmp_path, ODD[kind], "}", "")
    write(tmp_path / "etc", more__secret_conf="Pool { Name = secret }\n")
    true = read_configuration([tmp_path / "etc"])
    made = anonymize(tmp_path)
    new = read(made)
    assert kind in {one.kind for one in true.problems}
    assert places(new) == places(true)
    assert [program.whole for program in new.programs] == [one.whole for one in true.programs]
    assert "secret" not in said(tmp_path / "new").lower()


def test_what_is_not_known_is_counted(tmp_path: Path) -> None:
    director(tmp_path, "Secret = 5", "Also Secret { Secret = { } }", "}")
    made = anonymize(tmp_path)
    assert made.notes == ("Of directives that are not known (2) names and values are left out.",)
    assert "ecret" not in said(tmp_path / "new")


HIDDEN = [
    "# secret",
    "Description = secret",
    "WorkingDirectory = /var/secret",
    'TlsCertificate = "/etc/ssl/secret.pem"',
    "TlsAllowedCn = secret, secret2",
    "TlsCipherList = SECRET:secret",
    "}\nMessages { Name = secret\n Mail = secret@example.org = all, !skipped\n Syslog = secret",
    "}\nFileSet { Name = secret\n Include { File = /secret\n Options { WildFile = secret } }",
    "}\nSchedule { Name = secret\n Run = Level=Full Pool=secret Storage=secret 1st mon at 3:33",
    "}\nPool { Name = secret\n Label Format = secret\n Action On Purge = secret",
    "}\nJob { Name = secret\n Type = Backup\n RunScript { Command = secret }\n Where = /secret",
    "}\nCatalog { Name = secret; DbName = secret; DbUser = secret; DbSocket = /secret",
    "}\nCatalog { Name = secret; DbName = 'x'; DbUser = y; DbAddress = /secret; Password = secret",
    "}\nConsole { Name = secret; Password = secret; CommandAcl = secret; Profile = secret",
]


@pytest.mark.parametrize("lines", HIDDEN)
def test_nothing_else_is_told(tmp_path: Path, lines: str) -> None:
    write(tmp_path / "etc", bareos_dir_d__director__secret_conf=DIRECTOR + lines + "\n}\n")
    more = "Pool { Name = secret }\n" * ("Pool {" not in lines)
    more += 'Storage { Name = secret; Address = secret; Password = "secret"; Device = secret }\n'
    more += "Profile { Name = secret }\n"
    write(tmp_path / "etc", bareos_dir_d__secret__secret_conf=more)
    made = anonymize(tmp_path)
    assert len(made.notes) <= 1  # a host name
    new = said(tmp_path / "new") + " ".join(map(str, (tmp_path / "new").rglob("*")))
    assert "secret" not in new.lower()
    assert "3:33" not in new
    true = read_configuration([tmp_path / "etc"])
    assert [(r.type, STAND_INS.name(r.name)) for r in true.programs[0].resources] == [
        (r.type, r.name) for r in read(made).programs[0].resources
    ]


def test_what_an_audit_asks_for_is_kept(tmp_path: Path) -> None:
    director(
        tmp_path,
        "Heartbeat Interval = 1 min 30; Maximum Concurrent Jobs = 7",
        "DirAddresses = { ipv4 = { addr = 10.1.2.3; port = 9111 } ",
        "  ipv6 = { port = 9112; addr = fd00:1::5; } ip = { addr = dir.example.org } }",
        "}",
        'Client { Name = "a client"; FdAddress = [2001:db8::1]; Password = x; Passive = yes',
        "  LanAddress = 10.1; Connection From Client To Director = YES; FdPort = 9112",
        "}",
        'Schedule { Name = s; Run = Level=Full Storage=st Pool="a pool" sun at 1:00',
        "}",
        "Storage { Name = st; Address = LOCALHOST; Password = y; Device = one; Device = two",
        "}",
        'Pool { Name = "a pool"',
        "}",
        'Catalog { Name = c; DbName = "keepalives=0"; DbUser = u; DbAddress = 10.1.2.4',
        "}",
    )
    (program,) = read(anonymize(tmp_path)).programs
    (own,), (client,) = program.of("Director"), program.of("Client")
    address = STAND_INS.address
    assert own.number("HeartbeatInterval") == 90
    assert own.number("MaximumConcurrentJobs") == 7
    assert own.settings["Addresses"].value == (
        Listen(address("10.1.2.3"), 9111, 4),
        Listen(address("fd00:1::5"), 9112, 6),
        Listen(address("dir.example.org"), None, 4),
    )
    assert client.name == STAND_INS.name("a client") != "a client"
    assert client.text("Address") == address("2001:db8::1")
    assert client.text("LanAddress") == address("10.0.0.1")
    assert client.flag("Passive", False)
    assert client.number("Port") == 9112
    (run,) = next(program.of("Schedule")).runs
    assert {key: one.value for key, one in run.items()} == {
        "Level": "Full",
        "Storage": STAND_INS.name("st"),
        "Pool": STAND_INS.name("a pool"),
    }
    storage, catalog = next(program.of("Storage")), next(program.of("Catalog"))
    assert storage.text("Address") == "localhost"
    assert storage.settings["Device"].value == tuple(map(STAND_INS.name, ("one", "two")))
    assert "keepalives" in catalog.text("DbName")
    assert catalog.text("DbAddress") == address("10.1.2.4")


def test_passwords_are_equal_where_they_were(tmp_path: Path) -> None:
    md5 = "[md5]5ebe2294ecd0e0f08eab7690d2a6ee69"  # of "secret"
    words = ["secret", md5, "secret2", md5.upper().replace("[MD5]", "[md5]")]
    lines = [
        f'Client {{ Name = c{at}; Address = a; Password = "{word}"\n}}'
        for at, word in enumerate(words)
    ]
    director(tmp_path, "}", *lines)
    (program,) = read(anonymize(tmp_path)).programs
    one, two, other, upper = (each.settings["Password"].value for each in program.of("Client"))
    assert isinstance(one, Secret)
    assert one == two != other
    assert upper not in {one, other}
    assert "5ebe" not in said(tmp_path / "new").lower()


def test_an_empty_password_stays_empty(tmp_path: Path) -> None:
    write(
        tmp_path / "etc",
        bconsole_conf='Director { Name = d; Address = a; Password = ""; Port = 1 }',
    )
    with (tmp_path / "etc/bconsole.conf").open("w") as file:
        file.write('Director {\n Name = d; Address = a; Password = ""\n}\n')
    anonymize(tmp_path)
    assert 'Password = "";' in said(tmp_path / "new")


def test_a_name_is_the_same_wherever_it_is_said(tmp_path: Path) -> None:
    resources = [
        "Client { Name = web.example.org; Address = web.example.org; Password = x\n}",
        "Job { Name = web.example.org; Client = web.example.org; Type = Backup; Messages = M\n}",
        "Client { Name = Web.example.org; Address = WEB.example.org.; Password = x\n}",
        "Messages { Name = M\n}",
    ]
    director(tmp_path, "}", *resources)
    (program,) = read(anonymize(tmp_path)).programs
    first, second = program.of("Client")
    (job,) = program.of("Job")
    assert first.name == job.name == job.text("Client") != second.name
    assert first.text("Address") == second.text("Address").rstrip(".") != first.name
    assert "example" not in said(tmp_path / "new")


def test_an_include_is_of_the_same_files(tmp_path: Path) -> None:
    snippet = "TlsEnable = no\nHeartbeatInterval = 60\n"
    client = 'Client {{\n Name = "{0}"; Address = 10.0.0.1; Password = p\n @tls/common.inc\n}}\n'
    director(tmp_path, "}", "@clients/*.conf", '@"clients/x y.conf"')
    etc = write(tmp_path / "etc", tls__common_inc=snippet)
    (etc / "clients").mkdir()
    for name in ("one", "two"):
        (etc / f"clients/{name}.conf").write_text(client.format(name))
    (etc / "clients/x y.conf").write_text(client.format("x y"))
    director(tmp_path, "}", "@clients/t*.conf", "@clients/o*.conf", '@"clients/x y.conf"')
    made = anonymize(tmp_path)
    (program,) = read(made).programs
    assert [one.name for one in program.of("Client")] == list(
        map(STAND_INS.name, ("two", "one", "x y"))
    )
    assert {one.number("HeartbeatInterval") for one in program.of("Client")} == {60}
    assert {str(one.where("TlsEnable")) for one in program.of("Client")} == {
        f"{tmp_path}/new/2/1.inc:1"
    }
    assert made.files == 5
    assert made.notes == ()


def test_files_are_read_in_the_same_order(tmp_path: Path) -> None:
    names = ["a", "ab", "a-b", "a.b", "B", "z", "_", "~", "é"]
    for folder in ("client", "client-x", "clients", "0", "job", "zzz"):
        for name in names:
            where = tmp_path / "etc/bareos-dir.d" / folder / f"{name}.conf"
            where.parent.mkdir(parents=True, exist_ok=True)
            where.write_text(f'Pool {{ Name = "{folder} {name.encode().hex()}"\n}}\n')
    write(tmp_path / "etc/bareos-dir.d", director__x_conf=DIRECTOR + "}\n")
    (true,) = read_configuration([tmp_path / "etc"]).programs
    (new,) = read(anonymize(tmp_path)).programs
    assert [STAND_INS.name(one.name) for one in true.resources] == [r.name for r in new.resources]


@pytest.mark.parametrize(
    "given",
    [
        ["etc"],
        ["etc/bareos-dir.d"],
        ["etc/bareos-dir.d/client"],
        ["etc/bareos-dir.d/client/b.conf", "etc/bareos-dir.d/director/d.conf"],
        ["etc/bareos-dir.d", "fd/own.conf"],
        ["fd/own.conf", "etc"],
        ["fd/own.conf"],
        [".", "etc"],
    ],
    ids=" ".join,
)
def test_every_path_that_can_be_given_has_its_like(
    tmp_path: Path, given: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    client = "Client { Name = %s; Address = 10.0.0.%d; Password = p\n}\n"
    write(
        tmp_path / "in",
        etc__bareos_dir_d__director__d_conf=DIRECTOR + "}\n",
        etc__bareos_dir_d__client__a_conf=client % ("a", 1),
        etc__bareos_dir_d__client__b_conf=client % ("b", 2),
        fd__own_conf=FD,
    )
    monkeypatch.chdir(tmp_path / "in")
    true = read_configuration(given)
    new = read(anonymize(tmp_path, *map(Path, given)))
    assert [(one.program, one.whole) for one in new.programs] == [
        (one.program, one.whole) for one in true.programs
    ]
    assert [STAND_INS.name(r.name) for one in true.programs for r in one.resources] == [
        r.name for one in new.programs for r in one.resources
    ]
    assert Counter(one.kind for one in new.problems) == Counter(one.kind for one in true.problems)


def test_a_root_of_includes_is_carried_over(tmp_path: Path) -> None:
    director(tmp_path, "}", f"@{tmp_path}/common/pools.txt")
    write(tmp_path, common__pools_txt="Pool { Name = p\n}\n")
    made = anonymize(tmp_path, tmp_path / "etc", include_root=[tmp_path / "common"])
    assert made.include_root == (str(tmp_path / "new"),)
    assert STAND_INS.name("p") in {one.name for one in read(made).programs[0].of("Pool")}


def test_what_a_link_hides_stays_unknown(tmp_path: Path) -> None:
    write(tmp_path / "etc", bareos_dir_d__director__d_conf=DIRECTOR + "}\n")
    write(tmp_path, elsewhere__x_conf="Pool { Name = p\n}\n")
    (tmp_path / "etc/bareos-dir.d/pool").symlink_to(tmp_path / "elsewhere")
    true, new = read_configuration([tmp_path / "etc"]), read(anonymize(tmp_path))
    assert [one.whole for one in true.programs] == [one.whole for one in new.programs] == [False]
    assert [one.kind for one in true.problems] == [one.kind for one in new.problems]


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("bacula-dir.conf", DIRECTOR + "}\n"),
        ("x.conf", DIRECTOR + "Pid Directory = /secret\n}\n"),
        ("y.conf", FD.replace("Name = fd1", "Name = fd1\n WorkingDirectory = /opt/bacula/secret")),
    ],
)
def test_a_configuration_of_bacula_is_known_as_such(tmp_path: Path, name: str, text: str) -> None:
    (tmp_path / "etc").mkdir()
    (tmp_path / "etc" / name).write_text(text)
    (true,) = read_configuration([tmp_path / "etc"]).programs
    (new,) = read(anonymize(tmp_path)).programs
    assert new.bacula
    assert (new.program, true.bacula) == (true.program, True)
    assert "secret" not in said(tmp_path / "new")


@pytest.mark.parametrize("size", [1, 127])
def test_hostile_texts_are_tame(tmp_path: Path, size: int) -> None:
    evil = '\x1b[31m<script>\\"; } \x01@/etc/passwd \u202e' * 120
    quoted = evil.replace("\\", "\\\\").replace('"', '\\"').replace("\\\\\\\\", "\\\\")
    director(
        tmp_path,
        "}",
        f'Client {{ Name = "{"x" * size}"; Address = "{quoted}"; Password = "{quoted}"',
        f'  LanAddress = "{quoted}"; Username = "{quoted}"',
        "}",
    )
    made = anonymize(tmp_path)
    new = said(tmp_path / "new")
    assert new.isascii()
    assert new.replace("\n", "").isprintable()
    assert "script" not in new
    assert [len(one.name) for one in read(made).programs[0].of("Client")] == [size]


def test_what_cannot_be_read_is_not_written(tmp_path: Path) -> None:
    director(tmp_path, "Client = {")
    with pytest.raises(ConfigurationError):
        anonymize(tmp_path)
    assert not (tmp_path / "new").exists()


def test_names_that_nobody_can_resolve_are_counted(tmp_path: Path) -> None:
    director(
        tmp_path,
        "}",
        "Client { Name = a; Address = A.example; Password = p; LanAddress = b.example\n}",
        "Client { Name = b; Address = 10.0.0.1; Password = p\n}",
        "Client { Name = c; Address = c.example; Password = p\n}",
    )
    hosts, site = tmp_path / "hosts", tmp_path / "site.yaml"
    hosts.write_text("10.0.0.7 a.example other\n")
    waiver = "{finding: login-refused-0a08056218, until: 2030-01-01, reason: secret}"
    site.write_text(f"hosts: {{b.example: 10.0.0.8}}\nwaivers:\n - {waiver}\n")
    made = anonymize(tmp_path, hosts=hosts, site=site)
    assert made.notes == (
        "Waivers that name a finding by its id (1) are left out.",
        "Nobody can resolve what stands for host names (1): give their addresses with --hosts, or "
        "audits of the tree do not know them.",
    )
    assert made.hosts == str(tmp_path / "new/hosts")
    assert made.site == str(tmp_path / "new/site.yaml")
    text = (tmp_path / "new/hosts").read_text()
    assert text == f"{STAND_INS.address('10.0.0.7')} {STAND_INS.host('a.example')}\n"
    assert "secret" not in said(tmp_path / "new")


def test_everything_is_private(tmp_path: Path) -> None:
    write(tmp_path / "etc", bareos_dir_d__director__d_conf=DIRECTOR + "}\n")
    anonymize(tmp_path)
    for path in (tmp_path / "new", *(tmp_path / "new").rglob("*")):
        assert path.stat().st_mode & 0o777 == (0o700 if path.is_dir() else 0o600)


def test_a_folder_is_never_mixed(tmp_path: Path) -> None:
    director(tmp_path, "}")
    anonymize(tmp_path)
    with pytest.raises(OutputError, match=r"new cannot be written: it holds something already"):
        anonymize(tmp_path)
    anonymize(tmp_path, force=True)
    write(tmp_path, fd__bareos_fd_conf=FD)
    with pytest.raises(OutputError, match=r"it holds .*, which would be left; remove the folder"):
        anonymize(tmp_path, tmp_path / "fd", force=True)


@pytest.mark.parametrize("where", ["etc", "etc/new", "etc/sub/new"])
def test_a_tree_never_lies_in_what_is_read(tmp_path: Path, where: str) -> None:
    director(tmp_path, "}")
    (tmp_path / "etc/sub").mkdir()
    before = sorted(tmp_path.rglob("*"))
    with pytest.raises(OutputError, match="which is read"):
        anonymize_configuration([tmp_path / "etc"], str(tmp_path / where), KEY, force=True)
    assert sorted(tmp_path.rglob("*")) == before


def test_the_tree_does_not_depend_on_where_it_is_made(tmp_path: Path) -> None:
    director(tmp_path, "}")
    one = anonymize_configuration([tmp_path / "etc"], str(tmp_path / "one"), KEY)
    os.rename(tmp_path / "one", tmp_path / "two")  # noqa: PTH104
    text = said(tmp_path / "two")
    assert str(tmp_path) not in text
    assert one.config == (str(tmp_path / "one"),)
    assert not re.search("dir1|secret", text)


def test_a_value_in_a_file_of_its_own_is_hidden_too(tmp_path: Path) -> None:
    director(tmp_path, "}", "Client {", "  Name = @name.inc", "  Address = 10.0.0.1; Password =")
    with (tmp_path / "etc/bareos-dir.conf").open("a") as file:
        file.write(" @password.inc\n}\n")
    (tmp_path / "etc/name.inc").write_text("secret-name\n")
    (tmp_path / "etc/password.inc").write_text('"secret"\nPort = 9111\n')
    true = read_configuration([tmp_path / "etc"])
    new = read(anonymize(tmp_path))
    (one,), (other,) = (found.programs[0].of("Client") for found in (true, new))
    assert other.name == STAND_INS.name(one.name)
    assert {(s.name, s.source.line) for s in other.settings.values()} == {
        (s.name, s.source.line) for s in one.settings.values()
    }
    assert "secret" not in said(tmp_path / "new")


def test_one_file_of_two_programs_is_written_once(tmp_path: Path) -> None:
    write(
        tmp_path / "etc",
        bconsole_conf="@shared/director.inc\n",
        bareos_fd_conf="Client {\n Name = fd1\n}\n@shared/director.inc\n",
        shared__director_inc='Director {\n Name = d\n Password = "p"\n Address = 10.0.0.1\n}\n',
    )
    new = read(anonymize(tmp_path))
    secrets = [next(one.of("Director")).settings["Password"].value for one in new.programs]
    assert secrets[0] == secrets[1]
    assert len([*(tmp_path / "new").rglob("*.inc")]) == 1
