"""Resources, duplicates, deprecations and unknown things (bareos.md §5.4, §5.6, §5.8)."""

from __future__ import annotations

import pytest
from bareosconf import client, own_client, parse, value_of

from auditor.config.resources import Program, Source
from auditor.config.schema import OWN_RESOURCE, Kind, keyword_set, resource_types
from auditor.errors import ConfigurationError


def test_every_setting_knows_its_file_and_line() -> None:
    resource = client("Address = a.example\n\n  Port = 7").only
    assert resource.source == Source("test.conf", 1)
    assert resource.where("Name") == Source("test.conf", 2)
    assert resource.where("Port") == Source("test.conf", 5)
    assert resource.where("Passive") == resource.source


def test_only_what_matters_to_the_network_is_kept() -> None:
    assert set(client("Description = x\nSoft Quota = 1 g\nPassive = no").only.settings) == {
        "Name",
        "Passive",
    }


@pytest.mark.parametrize("directive", ["Name = y", "Catalog = a\nCatalog = a"])
def test_a_name_or_a_reference_twice_is_an_error(directive: str) -> None:
    with pytest.raises(ConfigurationError, match="written twice"):
        client(directive)


def test_a_resource_without_a_name_is_an_error() -> None:
    with pytest.raises(ConfigurationError, match="has no Name"):
        parse("Client { Address = x\n }")


def test_resource_names_differ_by_case() -> None:
    parsed = parse("Client { Name = dir1\n }\nClient { Name = DIR1\n }")
    assert [resource.name for resource in parsed.resources] == ["dir1", "DIR1"]


@pytest.mark.parametrize(
    ("text", "program"),
    [
        ("Monitor { Name = x\n }", Program.DIRECTOR),
        ("Job { Name = x\n }", Program.FILE_DAEMON),
        ("Catalog { Name = x\n }", Program.CONSOLE),
        ("Device { Name = x\n }", Program.TRAY_MONITOR),
    ],
)
def test_a_resource_of_another_program_is_an_error(text: str, program: Program) -> None:
    with pytest.raises(ConfigurationError, match=f"resource of a {program.value}"):
        parse(text, program)


def test_filedaemon_is_a_deprecated_name_of_the_own_client() -> None:
    parsed = parse("FileDaemon { Name = fd1\n }", Program.FILE_DAEMON)
    assert parsed.only.type == "Client"
    assert "deprecated; write Client" in parsed.messages


def test_a_deprecated_directive_or_resource_is_a_problem() -> None:
    assert own_client("Maximum Concurrent Jobs = 5").messages == (
        "MaximumConcurrentJobs is deprecated"
    )
    assert "deprecated" in parse("Counter { Name = c\n }").messages


@pytest.mark.parametrize(
    "directive",
    [
        "Quantum Flux = 5",
        "Quantum Flux = { a = { b = 1 } }",
        "Quantum Flux { a = b\n c { } }",
        "Quantum Flux =",
        "Quantum Flux = a, b",
    ],
)
def test_an_unknown_directive_is_skipped_with_a_problem(directive: str) -> None:
    parsed = client(f"{directive}\nPassive = yes")
    assert value_of(parsed, "Passive") is True
    assert "'QuantumFlux' in Client is not a directive this auditor knows" in parsed.messages
    assert [problem.source for problem in parsed.problems] == [Source("test.conf", 3)]


@pytest.mark.parametrize("directive", ["Quantum Flux", "Quantum Flux;", "Passive yes", "{ }"])
def test_a_word_without_an_equals_sign_is_an_error(directive: str) -> None:
    with pytest.raises(ConfigurationError):
        client(directive)


def test_a_resource_inside_of_another_tells_that_a_brace_is_missing() -> None:
    with pytest.raises(ConfigurationError, match=r"Pool at test.conf:1 is not closed") as caught:
        parse("Pool {\nName = p\nClient {\nName = x\n}\n}")
    assert caught.value.line == 3


def test_filesets_messages_and_scripts_are_skipped_whole() -> None:
    parsed = parse(
        """
        FileSet { Name = f
          Include { Options { signature = MD5; wild = "*}" } File = /etc
            File = "|sh -c 'echo }'" }
          Exclude { File = /tmp } }
        Messages { Name = m
          Mail Command = "bsmtp -h localhost %r {"
          mail on error = root@localhost = all, !skipped
          console = all, !skipped, !saved
          append = "/var/log/x" = all }
        Job { Name = j
          RunScript { Runs When = Before; Command = "x } y" }
          Type = Backup }
        """
    )
    assert [(r.type, set(r.settings)) for r in parsed.resources] == [
        ("FileSet", {"Name"}),
        ("Messages", {"Name"}),
        ("Job", {"Name", "Type"}),
    ]
    assert not parsed.problems


def test_the_runs_of_a_schedule_keep_their_overrides() -> None:
    parsed = parse(
        """Schedule { Name = weekly
          Run = Level=full Pool=P FullPool=F Storage="s 1" NextPool=N 1st sun at 23:05
          Run = Incremental mon-sat, sun at 2:05
          Run = Priority=5 Accurate=yes on 1 jan at 0:10 # comment
          Run = hourly
        }"""
    )
    assert [{k: s.value for k, s in run.items()} for run in parsed.only.runs] == [
        {"Level": "Full", "Pool": "P", "FullPool": "F", "Storage": "s 1", "NextPool": "N"},
        {"Level": "Incremental"},
        {},
        {},
    ]
    assert [s.source.line for run in parsed.only.runs for s in run.values()] == [2] * 5 + [3]


@pytest.mark.parametrize(
    "run", ["Level=Half at 2:05", "Pool at 2:05", "Pool=", "Foo=x", "daily at 2:05 }"]
)
def test_other_runs_are_errors(run: str) -> None:
    with pytest.raises(ConfigurationError):
        parse(f"Schedule {{\nName = w\nRun = {run}\n}}")


def test_braces_may_not_nest_without_end() -> None:
    with pytest.raises(ConfigurationError, match="nest deeper"):
        client("Foo " + "{ a " * 100_000)


@pytest.mark.parametrize("program", Program)
def test_the_tables_are_consistent(program: Program) -> None:
    types = resource_types(program)
    assert OWN_RESOURCE[program].lower() in types
    for resource in types.values():
        assert resource.find("Name")
        for directive in resource.directives.values():
            if directive.kind in {Kind.REFERENCE, Kind.REFERENCES}:
                assert directive.target.lower() in types
            if directive.kind is Kind.KEYWORD:
                assert keyword_set(directive.target)


@pytest.mark.parametrize(
    ("program", "type_", "directives"),
    [
        (
            Program.DIRECTOR,
            "Director",
            "SourceAddress DirSourceAddress FdConnectTimeout EnableKtls",
        ),
        (Program.DIRECTOR, "Client", "FdAddress FdPort FdPassword LanAddress Passive Enabled"),
        (Program.DIRECTOR, "Storage", "SdAddress SdPort SdPassword PairedStorage AutoChanger"),
        (Program.DIRECTOR, "Catalog", "DbAddress Address DbPort Port DbUser User Socket"),
        (Program.DIRECTOR, "Job", "VirtualFullBackupPool NextPool RunOnIncomingConnectInterval"),
        (Program.STORAGE_DAEMON, "Storage", "ClientConnectWait NdmpAddresses SdConnectTimeout"),
        (Program.STORAGE_DAEMON, "Director", "Monitor TlsAuthenticate"),
        (Program.FILE_DAEMON, "Director", "Address Port ConnectionFromClientToDirector Monitor"),
        (Program.CONSOLE, "Console", "Director HeartbeatInterval TlsEnable"),
        (Program.TRAY_MONITOR, "Monitor", "RefreshInterval DirConnectTimeout"),
    ],
)
def test_the_directives_of_the_table_of_section_5_8_are_kept(
    program: Program, type_: str, directives: str
) -> None:
    resource = resource_types(program)[type_.lower()]
    for word in directives.split():
        directive = resource.find(word)
        assert directive and directive.kept, word
