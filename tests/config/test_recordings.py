"""The configurations that the recorded daemons really ran with are read as they acted."""

from __future__ import annotations

import pytest
from paths import CAPTURES

from auditor.config.reading import read_configuration
from auditor.config.resources import Configuration, Program, Secret, Source

FOLDERS = sorted(path.parent.name for path in CAPTURES.glob("*/config"))


def of(configuration: Configuration, program: Program, host: str) -> list[tuple[str, str]]:
    (found,) = (p for p in configuration.programs if (p.program, p.host) == (program, host))
    return [(resource.type, resource.name) for resource in found.resources]


@pytest.mark.parametrize("name", FOLDERS)
def test_every_recorded_configuration_is_read_without_an_error(name: str) -> None:
    configuration = read_configuration([CAPTURES / name / "config"])
    assert {problem.level for problem in configuration.problems} <= {"note"}
    assert {problem.message for problem in configuration.problems} <= {
        "MaximumConcurrentJobs is deprecated"
    }


def test_there_are_nine_recorded_configurations() -> None:
    assert len(FOLDERS) == 9


@pytest.mark.parametrize("name", ["modes", "heartbeat", "cleartext", "trouble"])
def test_each_host_of_a_recording_has_its_program(name: str) -> None:
    configuration = read_configuration([CAPTURES / name / "config"])
    assert sorted((p.host, p.program.value) for p in configuration.programs) == [
        ("con", "console"),
        ("con", "console"),
        ("dir", "director"),
        ("fd1", "file daemon"),
        ("fd2", "file daemon"),
        ("fd3", "file daemon"),
        ("sd1", "storage daemon"),
        ("sd2", "storage daemon"),
        ("tray", "tray monitor"),
    ]


def test_the_resources_of_modes_are_these() -> None:
    configuration = read_configuration([CAPTURES / "modes" / "config"])
    director = of(configuration, Program.DIRECTOR, "dir")
    assert [name for type_, name in director if type_ == "Client"] == ["fd3", "fd2", "fd1"]
    assert [name for type_, name in director if type_ == "Storage"] == ["store2", "store1"]
    assert [name for type_, name in director if type_ == "Console"] == ["admin", "bareos-mon"]
    assert of(configuration, Program.FILE_DAEMON, "fd1") == [
        ("Messages", "Standard"),
        ("Director", "bareos-dir"),
        ("Director", "bareos-mon"),
        ("Client", "fd1"),
    ]


def test_modes_says_who_dials_with_file_and_line() -> None:
    root = CAPTURES / "modes" / "config" / "dir" / "etc" / "bareos-dir.d"
    (program,) = read_configuration([root]).programs
    clients = {client.name: client for client in program.of("Client")}
    assert clients["fd2"].flag("Passive", False)
    assert clients["fd2"].where("Passive") == Source(str(root / "client" / "fd2.conf"), 5)
    assert clients["fd3"].flag("ConnectionFromClientToDirector", False)
    assert not clients["fd3"].flag("ConnectionFromDirectorToClient", True)
    assert clients["fd1"].text("Address") == "10.77.0.31"
    pools = {pool.name: pool for pool in program.of("Pool")}
    assert pools["Full"].text("NextPool") == "Copies"
    assert (catalog := next(program.of("Catalog"))).text("DbAddress") == "10.77.0.5"
    assert catalog.number("DbPort") == 5432


def test_heartbeat_has_the_intervals_that_its_readme_tells() -> None:
    configuration = read_configuration([CAPTURES / "heartbeat" / "config"])
    found = {
        (program.program, resource.type, resource.name): resource.number("HeartbeatInterval")
        for program in configuration.programs
        for resource in program.resources
        if resource.get("HeartbeatInterval")
    }
    assert found == {
        (Program.CONSOLE, "Director", "bareos-dir"): 9,
        (Program.CONSOLE, "Console", "admin"): 9,
        (Program.DIRECTOR, "Director", "bareos-dir"): 20,
        (Program.DIRECTOR, "Client", "fd1"): 6,
        (Program.DIRECTOR, "Client", "fd2"): 6,
        (Program.DIRECTOR, "Storage", "store1"): 8,
        (Program.DIRECTOR, "Storage", "store2"): 8,
        **{(Program.FILE_DAEMON, "Client", f"fd{n}"): 5 for n in (1, 2, 3)},
        **{(Program.STORAGE_DAEMON, "Storage", f"sd{n}"): 7 for n in (1, 2)},
    }


def test_cleartext_switches_tls_off_wherever_tls_can_be_set() -> None:
    configuration = read_configuration([CAPTURES / "cleartext" / "config"])
    settings = [r.get("TlsEnable") for p in configuration.programs for r in p.resources]
    written = [setting.value for setting in settings if setting]
    assert written and not any(written)


def test_lan_addresses_are_read() -> None:
    configuration = read_configuration([CAPTURES / "lan-nat-active" / "config"])
    (director,) = (p for p in configuration.programs if p.program is Program.DIRECTOR)
    assert {r.name: r.text("LanAddress") for r in director.of("Client", "Storage")} == {
        "FD_LAN": "10.0.0.10",
        "FD_WAN": "",
        "SD_LAN": "10.0.0.20",
        "SD_WAN": "",
    }


def test_passwords_link_the_views_of_both_ends() -> None:
    configuration = read_configuration([CAPTURES / "modes" / "config"])
    secrets: dict[str, set[bytes]] = {}
    for program in configuration.programs:
        for resource in program.resources:
            setting = resource.get("Password")
            if setting:
                assert isinstance(setting.value, Secret)
                key = f"{program.program.value} {resource.type} {resource.name}"
                secrets.setdefault(key, set()).add(setting.value.fingerprint)
    assert secrets["director Client fd1"] == secrets["file daemon Director bareos-dir"]
    assert secrets["director Storage store1"] == secrets["storage daemon Director bareos-dir"]
    assert secrets["director Console admin"] == secrets["console Console admin"]
    assert secrets["director Client fd1"] != secrets["director Storage store1"]


def test_a_daemon_that_writes_no_address_listens_everywhere_by_default() -> None:
    configuration = read_configuration([CAPTURES / "modes" / "config" / "fd1"])
    client = next(configuration.programs[0].of("Client"))
    assert [client.get(name) for name in ("Address", "Port", "Addresses")] == [None] * 3
