"""What else to run: rules, helps, what must be refused, and what lies beside the recordings."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import replace
from pathlib import Path

from outputs_inputs import INPUTS, WRITTEN
from outputs_run import Run, command, word

_COMMANDS = ("analyze", "capture", "sockets", "expect", "rules", "thin", "doctor")
_BROKEN = INPUTS / "broken"


def loose(root: Path, configurations: Iterable[str]) -> Iterator[list[Run]]:
    """Yield what lies beside the recordings: site files, configuration files, rules."""
    captures = [str(path) for path in sorted(root.glob("*.pcap*"))[:1]]
    whole = [f"--config={root / name}" for name in configurations if (root / name).is_dir()]
    for path in sorted(root.glob("*.yaml")) if captures else ():
        site = f"--site={path}"
        yield [command(f"{word(path)}.table", "analyze", *captures, *whole, site)]
    for path in sorted(root.glob("*.conf")):
        for form in ("table", "json", "csv"):
            yield [command(f"{word(path)}.{form}", "expect", f"--config={path}", f"-f{form}")]
    for path in sorted(root.glob("rules*/**/*.yaml")) if captures else ():
        further = f"--rules={path.parent}"
        yield [command(f"{word(path)}.table", "analyze", *captures, *whole, further)]


def of_rules(rules: Iterable[str]) -> Iterator[Run]:
    """Yield the catalogue, and each rule explained; wide, so that no path of one is broken."""
    further = ("--rules", str(INPUTS / "rules"))
    for form in ("table", "json", "csv"):
        yield Run(f"rules/all.{form}", ("rules", "-f", form))
        yield Run(f"rules/further.{form}", ("rules", *further, "-f", form))
        for rule in rules:
            yield Run(f"rules/{rule}.{form}", ("rules", rule, "-f", form), columns=140)
    yield Run("rules/all.table-60", ("rules",), columns=60)
    yield Run("rules/dialled.table", ("rules", "dialled", *further))
    yield Run("rules/misspelt", ("rules", "heartbeat-missin"))
    yield Run("rules/unknown", ("rules", "zzzz"))


def helps() -> Iterator[Run]:
    """Yield the help of each command, and the version."""
    yield from (Run(f"help/program-{n}", ("--help",), columns=n) for n in (60, 100))
    yield Run("help/nothing", ())
    yield from (Run(f"help/{name}", (name, "--help")) for name in _COMMANDS)
    yield Run("help/version", ("--version",))
    yield Run("help/version-apart", ("--version",), apart=True)


def mistakes(capture: str, config: Path | None) -> Iterator[Run]:
    """Yield what must be refused; the error sentences and exit codes are compared."""
    whole = [f"--config={config}"] if config else []
    analyze = {"missing": ["/nowhere/at/all.pcap"], "nothing": [], "folder": [str(INPUTS)]}
    analyze |= {"twice-stdin": ["-", "-"], "good-and-missing": [capture, "/nowhere/at/all.pcap"]}
    analyze |= {path: [str(_BROKEN / path)] for path in ("empty.pcap", "text.pcap")}
    for option, pattern in {"config": "*.conf", "site": "site-*", "rules": "rules-*"}.items():
        paths = [*sorted(path.name for path in _BROKEN.glob(pattern)), "folder", "missing"]
        analyze |= {f"{option}-{n}": [capture, f"--{option}={_BROKEN / n}"] for n in paths}
    for path in sorted(_BROKEN.glob("*.conf")):
        strict = f"--config={path}", "--strict"
        yield command(f"mistakes/expect-{path.name}", "expect", strict[0])
        yield command(f"mistakes/expect-strict-{path.name}", "expect", *strict)
        analyze |= {f"strict-{path.name}": [capture, *strict]}
    analyze |= {
        "hosts": [capture, *whole, f"--hosts={_BROKEN / 'hosts'}"],
        "port-role": [capture, "--port=cook=9102"],
        "port-number": [capture, "--port=fd=70000"],
        "format": [capture, "-fxml"],
        "table": [capture, "-fcsv", "--table=hosts"],
        "option": [capture, "--colour"],
        "output-folder": [capture, f"-o{INPUTS}"],
        "output-nowhere": [capture, "-o/nowhere/at/all.txt"],
    }
    for label, arguments in analyze.items():
        yield command(f"mistakes/analyze-{label}", "analyze", *arguments)
    apart = command("mistakes/analyze-apart", "analyze", "/nowhere/at/all.pcap")
    yield replace(apart, apart=True)
    yield command("mistakes/thin-missing", "thin", "/nowhere/at/all.pcap", f"-o{WRITTEN / 'a'}")
    yield command("mistakes/thin-text", "thin", str(_BROKEN / "text.pcap"), f"-o{WRITTEN / 'a'}")
    yield command("mistakes/thin-no-output", "thin", capture)
    same = str(_BROKEN / "same.pcap")
    yield replace(command("mistakes/thin-same", "thin", same, f"-o{same}"), written=same)
    yield command("mistakes/expect-nothing", "expect")
    for label, arguments in {"ring": ["lo", "--ring=3"], "none": []}.items():
        yield Run(f"mistakes/capture-{label}", ("capture", *arguments), apart=True)
    yield Run("mistakes/command", ("analyse", capture))
