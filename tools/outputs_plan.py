"""What to run: every recording with all and with parts of its configuration, and what is wrong.

The plan is a list of groups; the runs of a group follow one another in one process, since some
read what others of it wrote.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import groupby
from pathlib import Path

from outputs_inputs import INPUTS, WRITTEN, make_inputs
from outputs_others import helps, loose, mistakes, of_rules
from outputs_run import Run, command, word

CONFIGURATIONS = ("config", "network")
_CSV = ("captures", "flows", "probes", "expectations", "findings")
#: Begins the names of recordings of which one audit takes many seconds: they get few runs.
_SLOW = "quadratic"
#: Octets of a recording of which the commands are run also as a user would, which takes longer.
_LARGE = 200_000
#: Begins the names of those that end an audit by an exception: they are judged only alone.
_CRASHING = "isb-drop"

Group = tuple[Run, ...]


@dataclass(frozen=True)
class Recording:
    """A capture, and the folder of the configuration that its daemons ran with."""

    capture: Path
    config: Path | None

    @property
    def name(self) -> str:
        """Its whole path, as one word."""
        return word(self.capture)

    @property
    def slow(self) -> bool:
        """An audit of it takes many seconds."""
        return self.capture.name.startswith(_SLOW)

    @property
    def content(self) -> str:
        """A digest of the capture and of its configuration."""
        digest = hashlib.sha256(self.capture.read_bytes())
        for path in sorted(self.config.rglob("*.conf")) if self.config else ():
            digest.update(f"{path.relative_to(self.config or path)}\n".encode() + path.read_bytes())
        return digest.hexdigest()


def recordings(root: Path) -> Iterator[Recording]:
    """Yield the captures below ``root``; their configuration lies beside or above them."""
    for capture in sorted(path for path in root.rglob("*.pcap*") if path.is_file()):
        above = [one for one in capture.parents if one.is_relative_to(root)]
        folders = (folder / name for folder in above for name in CONFIGURATIONS)
        yield Recording(capture, next(filter(Path.is_dir, folders), None))


def plan(roots: Sequence[Path], rules: Iterable[str]) -> list[Group]:
    """Return all groups of runs; a name is there once."""
    found = [one for root in roots for one in recordings(root)]
    if not found:
        raise SystemExit(f"there is no recording in {', '.join(map(str, roots))}")
    # One that is not tiny, and that can be read in no time.
    sample = max((r.capture for r in found), key=_worth)
    made = make_inputs(sample)
    groups: list[Group] = []
    seen: set[str] = set()
    for one in found:
        groups += _of_copy(one) if one.content in seen else _of_recording(one)
        seen.add(one.content)
    groups += [tuple(_expect(config)) for config in sorted({r.config for r in found if r.config})]
    groups += _judged_together(found)
    groups += [_group("made", _analyze(one.name, (str(one),))) for one in made]
    groups += [_group("loose", runs) for root in roots for runs in loose(root, CONFIGURATIONS)]
    groups += [tuple(of_rules(rules)), tuple(helps())]
    groups += [(run,) for run in mistakes(str(sample), found[0].config)]
    names = [run.name for group in groups for run in group]
    assert len(names) == len(set(names)), sorted({n for n in names if names.count(n) > 1})
    return sorted(groups, key=lambda group: _SLOW not in group[0].name)  # the long ones first


def _worth(capture: Path) -> int:
    """Tell how good an example a capture is: larger is better, up to a size."""
    size = capture.stat().st_size
    return size if size < 1 << 20 else 0


def _of_copy(one: Recording) -> Iterator[Group]:
    """Yield the little that is run of a recording that is there twice."""
    whole = _parts(one.config).get("whole", ())
    yield _group(one.name, _analyze("whole", (str(one.capture),), whole))
    yield _group(one.name, _thinned(one, {"whole": whole}))


def _of_recording(one: Recording) -> Iterator[Group]:
    parts = _parts(one.config)
    whole = parts.get("whole", ())
    capture = (str(one.capture),)
    if one.slow:
        yield _group(one.name, [command("whole.json", "analyze", *capture, *whole, "-fjson")])
        yield _group(one.name, [command("none.table", "analyze", *capture)])
        yield _group(one.name, _thinned(one, {"none": ()}))
        return
    yield _group(one.name, _analyze("none", capture))
    if whole:
        yield _group(one.name, [*_analyze("whole", capture, whole), *_looks(capture, whole)])
        yield _group(one.name, _ways(capture, whole, one))
    if whole and one.capture.stat().st_size > _LARGE:
        yield _group(one.name, _apart(one, whole))
    for label, options in parts.items():
        if label != "whole":
            yield _group(one.name, _briefly(label, capture, options))
    yield _group(one.name, _thinned(one, {"none": (), **({"whole": whole} if whole else {})}))


def _parts(config: Path | None) -> dict[str, tuple[str, ...]]:
    """Return the options for all of a configuration, each host's alone, and all but each one's."""
    if config is None:
        return {}
    hosts = sorted(path for path in config.iterdir() if path.is_dir())
    parts = {"whole": _options([config])}
    parts |= {f"only-{host.name}": _options([host]) for host in hosts}
    for host in hosts if len(hosts) > 2 else ():
        parts[f"without-{host.name}"] = _options([other for other in hosts if other != host])
    return parts


def _options(paths: Iterable[Path]) -> tuple[str, ...]:
    return tuple(f"--config={path}" for path in paths)


def _paths(options: Iterable[str]) -> list[str]:
    return [option.removeprefix("--config=") for option in options]


def _analyze(label: str, captures: Sequence[str], options: Sequence[str] = ()) -> Iterator[Run]:
    """Yield every format, three widths, and the Python API."""
    for run in _briefly(label, captures, options):
        yield run
        if run.name.endswith("table"):
            yield from (replace(run, name=f"{run.name}-{n}", columns=n) for n in (60, 160))
    for table in _CSV:
        csv = ("-fcsv", f"--table={table}")
        yield command(f"{label}.csv-{table}", "analyze", *captures, *options, *csv)
    yield Run(f"{label}.api", ("api", "audit", "\n".join(captures), *_paths(options)))


def _briefly(label: str, captures: Sequence[str], options: Sequence[str] = ()) -> Iterator[Run]:
    for form in ("table", "json"):
        yield command(f"{label}.{form}", "analyze", *captures, *options, f"-f{form}")


def _looks(captures: Sequence[str], whole: Sequence[str]) -> Iterator[Run]:
    """Yield the looks of a table: with colours, in ASCII, in a file."""
    run = command("whole.table-colour", "analyze", *captures, *whole)
    yield replace(run, environment=(("FORCE_COLOR", "1"),))
    yield replace(run, name="whole.table-ascii", charset="ascii")
    yield _to_file(command("whole.to-file", *run.arguments), captures[0])


def _ways(captures: Sequence[str], whole: Sequence[str], one: Recording) -> Iterator[Run]:
    """Yield the options that change what is judged."""
    ways: dict[str, tuple[str, ...]] = {
        "site": (f"--site={INPUTS / 'site.yaml'}",),
        "hosts": (f"--hosts={INPUTS / 'hosts'}",),
        "rules": (f"--rules={INPUTS / 'rules'}",),
        "ports": ("--port=fd=9103", "--port=storage=9102", "--port=dir=5432"),
        "strict": ("--strict",),
        "exit-zero": ("--exit-zero",),
    }
    if one.config and (one.config / "hosts").is_file():
        ways["own-hosts"] = (f"--hosts={one.config / 'hosts'}",)
    for folder in {one.capture.parent, one.capture.parent.parent}:
        if (folder / "site.yaml").is_file():
            ways[f"own-site-{folder.name}"] = (f"--site={folder / 'site.yaml'}",)
    for label, options in ways.items():
        yield from _briefly(f"whole-{label}", captures, (*whole, *options))
    for label in ("site", "ports", "rules"):
        yield from _briefly(f"none-{label}", captures, ways[label])


def _apart(one: Recording, whole: Sequence[str]) -> Iterator[Run]:
    """Yield what a shell would run: programs of their own, with the capture through a pipe."""
    for run in (
        command("whole.apart", "analyze", "-", *whole),
        replace(command("thin-apart", "thin", "-", *whole, "-o-"), binary=True),
    ):
        yield replace(run, apart=True, stdin=str(one.capture))


def _thinned(one: Recording, ways: dict[str, tuple[str, ...]]) -> Iterator[Run]:
    for label, options in ways.items():
        written = WRITTEN / f"{one.name}-{label}.pcapng"
        run = command(f"thin-{label}", "thin", str(one.capture), *options, f"-o{written}")
        yield replace(run, written=str(written))
        if not one.slow:
            yield from _briefly(f"thin-{label}-none", [str(written)])
        if options:
            yield from _briefly(f"thin-{label}-whole", [str(written)], options)
            again = f"{WRITTEN / one.name}-api.pcapng"
            both = f"{one.capture}\n{again}"
            yield Run("thin.api", ("api", "thin", both, *_paths(options)), written=again)
            yield Run("thin-whole.api", ("api", "audit", str(written), *_paths(options)))


def _expect(config: Path) -> Iterator[Run]:
    for label, options in _parts(config).items():
        where = f"expect/{word(config)}/{label}"
        for form in ("table", "json", "csv"):
            yield command(f"{where}.{form}", "expect", *options, f"-f{form}")
        yield Run(f"{where}.api", ("api", "expect", "", *_paths(options)))
        if label == "whole":
            run = command(f"{where}.table-60", "expect", *options)
            yield replace(run, columns=60)
            yield command(f"{where}.site", "expect", *options, f"--site={INPUTS / 'site.yaml'}")
            yield command(f"{where}.strict", "expect", *options, "--strict")


def _judged_together(found: Sequence[Recording]) -> Iterator[Group]:
    """Yield the recordings of each configuration, and all that lie beside each other."""
    quick = [r for r in found if not r.slow and not r.capture.name.startswith(_CRASHING)]
    for config, some in groupby(quick, key=lambda one: one.config):
        captures = [str(one.capture) for one in some]
        if config is None or len(captures) == 1:
            continue
        whole = _options([config])
        where = f"together/{word(config)}"
        yield _group(where, _analyze("whole", captures, whole))
        yield _group(where, [*_analyze("none", captures), *_briefly("back", captures[::-1], whole)])
    for folder in sorted({one.capture.parent.parent for one in quick}):
        captures = [str(one.capture) for one in quick if one.capture.parent.parent == folder]
        yield _group(f"together/{word(folder)}", _analyze("all", captures))


def _to_file(run: Run, capture: str) -> Run:
    written = str(WRITTEN / f"{word(Path(capture))}.txt")
    return replace(run, arguments=(*run.arguments, f"-o{written}"), written=written)


def _group(folder: str, runs: Iterable[Run]) -> Group:
    return tuple(replace(run, name=f"{folder}/{run.name}") for run in runs)
