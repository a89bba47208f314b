"""A configuration with other addresses and names, as a tree of its own that is read like it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from auditor.config.reading import read_configuration, read_written
from auditor.config.resources import Configuration
from auditor.config.written import Unknown, WrittenProgram
from auditor.errors import BareosAuditError
from auditor.outputs.new_tree import NewTree
from auditor.pipeline.anonymizing.file_names import FileNames
from auditor.pipeline.anonymizing.site_files import hosts_anew, site_file_anew
from auditor.pipeline.anonymizing.stand_ins import StandIns
from auditor.pipeline.anonymizing.texts import Texts
from auditor.site.resolver import canonical, read_hosts
from auditor.site.site_file import SiteFile, read_site_file
from auditor.site.written_addresses import written

_HOSTS, _SITE = "hosts", "site.yaml"


@dataclass(frozen=True, slots=True)
class AnonymizedConfiguration:
    """A tree with other addresses and names, and how an audit is to be given it."""

    config: tuple[str, ...]
    """What is to be given as configuration."""
    include_root: tuple[str, ...]
    """What it may include beside, if anything."""
    hosts: str | None
    """Its hosts file; None: there is none."""
    site: str | None
    """Its site file; None: there is none."""
    files: int
    """Files of the configuration."""
    notes: tuple[str, ...]
    """What could not be carried over, a sentence each."""


def anonymize_configuration(
    paths: Sequence[str | Path],
    folder: str,
    key: bytes,
    *,
    include_root: Sequence[str | Path] = (),
    hosts: str | Path | None = None,
    site: str | Path | None = None,
    force: bool = False,
) -> AnonymizedConfiguration:
    """Write the configuration in ``paths`` into ``folder``, with what stands for its addresses and
    names by ``key``, and so the hosts file and the site file if they are given.

    Raises ConfigurationError, SiteFileError, and OutputError for a folder that holds something
    (with ``force``: something else than such a tree) or lies among what is read.
    """
    tree, stand_ins = NewTree(folder, force=force), StandIns(key)
    further = [str(one) for one in (hosts, site) if one is not None]
    tree.check([*map(str, paths), *map(str, include_root), *further])
    configuration, programs = read_written(paths, include_root=include_root)
    names = FileNames([name for one in programs for name in one.visits], [*map(str, paths)])
    texts = Texts(names, stand_ins)
    for program in programs:
        texts.add(program)
    files = texts.files()
    count, notes = len(files), list(_unknown(programs))
    given = [names.of(str(path)) for path in paths]
    outside = [one for one in files if not any(one.is_relative_to(top) for top in given)]
    if hosts is not None:
        files[Path(_HOSTS)] = hosts_anew(hosts, written(configuration), stand_ins).encode()
    if site is not None:
        text, missing = site_file_anew(site, stand_ins)
        files[Path(_SITE)] = text.encode()
        if missing:
            notes.append(f"Waivers that name a finding by its id ({missing}) are left out.")
    notes += _unresolved(configuration, hosts, site)
    tree.write(files)
    made = AnonymizedConfiguration(
        config=tuple(str(tree.folder / one) for one in given),
        include_root=(tree.folder,) if outside else (),
        hosts=None if hosts is None else str(Path(tree.folder, _HOSTS)),
        site=None if site is None else str(Path(tree.folder, _SITE)),
        files=count,
        notes=(),
    )
    return replace(made, notes=(*notes, *_differences(configuration, made, stand_ins)))


def _unknown(programs: Sequence[WrittenProgram]) -> Iterator[str]:
    count = sum(
        isinstance(one, Unknown)
        for program in programs
        for statements in program.statements().values()
        for one in statements
    )
    if count:
        yield f"Of directives that are not known ({count}) names and values are left out."


def _unresolved(
    configuration: Configuration, hosts: str | Path | None, site: str | Path | None
) -> Iterator[str]:
    """Yield how many host names nobody can resolve any more."""
    tables = [
        read_hosts(hosts) if hosts is not None else {},
        (read_site_file(site) if site is not None else SiteFile()).hosts,
    ]
    unknown = {
        name
        for name in (one.lower().rstrip(".") for one in written(configuration))
        if name and canonical(name) is None and not name.startswith("/") and name != "localhost"
    }.difference(*tables)
    if unknown:
        yield (
            f"Nobody can resolve what stands for host names ({len(unknown)}): give their addresses "
            "with --hosts, or audits of the tree do not know them."
        )


def _differences(
    configuration: Configuration, made: AnonymizedConfiguration, stand_ins: StandIns
) -> Iterator[str]:
    """Read the tree, and yield what it does not say as the true one does."""
    try:
        anew = read_configuration(made.config, include_root=made.include_root)
    except BareosAuditError as error:
        yield f"The tree cannot be read as the true one can: {error}"
        return
    if _outline(configuration, stand_ins) != _outline(anew, None):
        yield "The tree does not hold the same programs and resources as the true one."
    problems = Counter(one.kind.value for one in configuration.problems)
    problems.subtract(one.kind.value for one in anew.problems)
    lost = ", ".join(f"{kind} ({count})" for kind, count in sorted((+problems).items()))
    if lost:
        yield f"Of what is odd in the configuration the tree does not show: {lost}."


def _outline(configuration: Configuration, stand_ins: StandIns | None) -> list[object]:
    """Return programs and their resources, with what stands for names."""

    def name(of: str) -> str:
        return of if stand_ins is None else stand_ins.name(of)

    return [
        (one.program, one.bacula, one.whole, [(r.type, name(r.name)) for r in one.resources])
        for one in configuration.programs
    ]
