"""bareos-audit: proves from packets that a Bareos network behaves as its configuration says.

>>> import auditor
>>> audit = auditor.audit("capture.pcapng", config="/etc/bareos")  # doctest: +SKIP
>>> audit.findings  # doctest: +SKIP

Everything public is listed in ``__all__`` and loaded on first use, so that importing this package
costs nothing.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

from auditor.version import __version__

if TYPE_CHECKING:
    from auditor.api import (
        Network,
        anonymize,
        audit,
        check,
        compare,
        excerpt,
        expect,
        live_audit,
        load,
        load_network,
        openings,
        sockets,
        thin,
    )
    from auditor.errors import (
        BareosAuditError,
        CaptureError,
        ConfigurationError,
        FindingError,
        IdleLimitError,
        OutputError,
        ReportError,
        RuleError,
        SiteFileError,
    )
    from auditor.result import Audit, Check

__all__ = [
    "Audit",
    "BareosAuditError",
    "CaptureError",
    "Check",
    "ConfigurationError",
    "FindingError",
    "IdleLimitError",
    "Network",
    "OutputError",
    "ReportError",
    "RuleError",
    "SiteFileError",
    "__version__",
    "anonymize",
    "audit",
    "check",
    "compare",
    "excerpt",
    "expect",
    "live_audit",
    "load",
    "load_network",
    "openings",
    "sockets",
    "thin",
]


def __getattr__(name: str) -> Any:
    if name not in __all__:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    for home in ("auditor.errors", "auditor.result", "auditor.api"):  # lightest first
        module = import_module(home)
        if name in vars(module):
            globals()[name] = vars(module)[name]
            return globals()[name]
    raise AssertionError(f"{name} is public and nowhere")


def __dir__() -> list[str]:
    return sorted(__all__)
