"""A configuration of Bacula is told from one of Bareos, and read all the same."""

from __future__ import annotations

from pathlib import Path

import pytest
from bareosconf import MINIMAL, plant

from auditor.config.bacula import is_bacula
from auditor.config.problem_kinds import ProblemKind
from auditor.config.reading import read_configuration
from auditor.config.resources import Program

OWN = "Client { Name = fd\n  Working Directory = %s\n%s}\n"
PID = "  Pid Directory = /run\n"


@pytest.mark.parametrize(
    ("path", "text", "expected"),
    [
        ("/x/bacula-fd.conf", OWN % ("/w", ""), True),
        ("/x/bacula-fd-web.conf", OWN % ("/w", ""), True),
        ("/etc/bacula/bconsole.conf", MINIMAL["bconsole"], True),
        ("/x/fd.conf", OWN % ("/opt/bacula/working", ""), True),
        ("/x/fd.conf", OWN % ('"/var/lib/bacula"', ""), True),
        ("/x/fd.conf", OWN % ("/w", PID), True),
        ("/x/fd.conf", OWN % ("/w", "  SubSys Directory = /run\n"), True),
        ("/x/fd.conf", OWN % ("/w", ""), False),
        ("/x/fd.conf", OWN % ("/w", "# moved from /opt/bacula\n"), False),
        ("/x/fd.conf", OWN % ("/var/lib/bareos", PID), False),
        ("/etc/bareos/bareos-fd.conf", OWN % ("/w", PID), False),
        ("/etc/bareos/bareos-fd.conf", OWN % ("/opt/bacula/working", ""), False),
        ("/home/bacula/x/fd.conf", OWN % ("/w", ""), False),
    ],
)
def test_bacula_is_told_by_names_paths_and_old_directives(
    path: str, text: str, expected: bool
) -> None:
    assert is_bacula(path, text) is expected


SITE = {
    "bacula-dir.conf": "Director { Name = d; DIRport = 9101; Password = p\n Pid Directory = /run\n"
    " QueryFile = q; Messages = m; Color = red\n}\nStatistics { Name = s; Type = CSV\n}\n"
    "Messages { Name = m\n}\n",
    "bacula-sd.conf": "Storage { Name = s; SDPort = 9103\n Pid Directory = /run\n}\n",
    "bacula-fd.conf": "FileDaemon { Name = f; FDport = 9102; TLS Enable = true\n}\n",
}


def test_a_site_of_bacula_is_read_and_named_once(tmp_path: Path) -> None:
    configuration = read_configuration([plant(tmp_path, SITE)])
    assert {program.program for program in configuration.programs} == {
        Program.DIRECTOR,
        Program.STORAGE_DAEMON,
        Program.FILE_DAEMON,
    }
    assert all(program.bacula for program in configuration.programs)
    (problem,) = configuration.problems
    assert problem.kind is ProblemKind.BACULA_SITE
    assert "bacula-dir.conf, bacula-fd.conf, bacula-sd.conf" in problem.message
    assert len(problem.sources) == 3


def test_one_file_of_bacula_is_enough(tmp_path: Path) -> None:
    plant(tmp_path, SITE)
    configuration = read_configuration([tmp_path / "bacula-fd.conf"])
    assert [problem.kind for problem in configuration.problems] == [ProblemKind.BACULA_SITE]


def test_a_bareos_file_is_none_of_bacula(tmp_path: Path) -> None:
    plant(tmp_path, {"bareos-fd.conf": OWN % ("/w", PID)})
    (problem,) = read_configuration([tmp_path]).problems
    assert problem.kind is ProblemKind.DIRECTIVE_UNKNOWN


STOCK = {
    "bacula-dir.conf": """
Director {                            # define myself
  Name = host-dir
  DIRport = 9101                # where we listen for UA connections
  QueryFile = "/etc/bacula/scripts/query.sql"
  WorkingDirectory = "/var/lib/bacula"
  PidDirectory = "/run/bacula"
  Password = "x"
  Messages = Daemon
  DirAddress = 127.0.0.1
}
JobDefs {
  Name = "DefaultJob"
  Type = Backup
  Client = host-fd
  FileSet = "Full Set"
  Storage = File1
  Messages = Daemon
  Pool = File
  Write Bootstrap = "/var/lib/bacula/%c.bsr"
}
Job {
  Name = "BackupClient1"
  JobDefs = "DefaultJob"
}
FileSet {
  Name = "Full Set"
  Include {
    Options {
      signature = MD5
    }
    File = /usr/sbin
  }
}
Client {
  Name = host-fd
  Address = localhost
  FDPort = 9102
  Catalog = MyCatalog
  Password = "y"
  AutoPrune = on
}
Autochanger {
  Name = File1
  Address = localhost
  SDPort = 9103
  Password = "z"
  Device = FileChgr1
  Media Type = File1
  Autochanger = File1
}
Catalog {
  Name = MyCatalog
  dbname = "bacula"; dbuser = "bacula"; dbpassword = "q"
}
Messages {
  Name = Daemon
  console = all, !skipped, !saved
}
Pool {
  Name = File
  Pool Type = Backup
  Maximum Volume Bytes = 50G
}
"""
}


def test_the_packaged_director_of_bacula_is_read(tmp_path: Path) -> None:
    configuration = read_configuration([plant(tmp_path, STOCK)])
    (program,) = configuration.programs
    assert [client.name for client in program.of("Client")] == ["host-fd"]
    assert [storage.name for storage in program.of("Storage")] == ["File1"]
    assert [problem.kind for problem in configuration.problems] == [ProblemKind.BACULA_SITE]
