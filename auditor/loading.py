"""What the public calls were given → the network or the audit that it means; and what shows it."""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING, Any, Unpack

from auditor.pipeline.network import Network, listed
from auditor.pipeline.network import load_network as _load_network
from auditor.pipeline.network_options import NetworkOptions, Paths
from auditor.presentation import Presenter, present_with
from auditor.result import Audit, Check

if TYPE_CHECKING:
    from auditor.judge.rules.baseline import Baseline


def _presenter() -> Presenter:
    from auditor.notebook.presenter import AuditPresenter

    return AuditPresenter()


present_with(_presenter)


def load_network(*, wait: bool = True, **options: Unpack[NetworkOptions]) -> Network:
    """Return the network that these options describe, for any number of audits.

    Without ``wait`` it is returned before names are resolved, and has ``later``. Raises a subclass
    of BareosAuditError.
    """
    given: dict[str, Any] = {**options}
    if given.get("baseline") is not None:
        given["baseline"] = _baseline(given["baseline"])
    return _load_network(wait=wait, **given)


def load(path: str | Path) -> Audit | Check:
    """Return the audit that a JSON report holds, equal to the one that it was written from.

    Raises ReportError.
    """
    from auditor.report.json_reader import read_report

    return read_report(path)


def report_path(source: Paths) -> Path | None:
    """Return the path of what is a JSON report, and not captures; None: captures."""
    paths = listed(source)
    if len(paths) != 1 or str(paths[0]) == "-":
        return None
    path = Path(paths[0])
    with suppress(OSError, ValueError), path.open("rb") as file:
        return path if file.read(64).lstrip().startswith(b"{") else None
    return None


def _baseline(given: str | Path | Audit | Baseline) -> Baseline:
    from auditor.judge.rules.baseline import Baseline

    if isinstance(given, Baseline):
        return given
    file = "" if isinstance(given, Audit) else str(given)
    audit = given if isinstance(given, Audit) else load(given)
    return Baseline.of(audit.tables["findings"], audit.basis.made, file)


def loaded(call: str, taken: Any, network: Network | None, options: Mapping[str, Any]) -> Network:
    """Return the network that a call was given, or that its options describe.

    ``taken`` is the TypedDict of its options. Raises TypeError as Python does for a keyword that is
    none of them, and for options beside a network.
    """
    checked(call, taken, options)
    if network is None:
        return load_network(**options)
    if options:
        given = ", ".join(sorted(options))
        raise TypeError(f"give either network or options of one, not both (given: {given})")
    return network


def configured(
    call: str, taken: Any, config: Paths | None, network: Network | None, options: Mapping[str, Any]
) -> Network:
    """Do what ``_loaded`` does for a call that takes a configuration first, and needs one."""
    checked(call, taken, options)
    if network is None and config is None:
        raise TypeError(f"{call}() needs a configuration, or a network that was loaded before")
    given = options if config is None else {**options, "config": config}
    return loaded(call, NetworkOptions, network, given)


def checked(call: str, taken: Any, options: Mapping[str, Any]) -> None:
    """Raise TypeError, as Python does, for a keyword that the TypedDict ``taken`` does not have."""
    for name in options:
        if name not in taken.__optional_keys__:
            raise TypeError(f"{call}() got an unexpected keyword argument {name!r}")
