"""Takes the best backend that works here, and says why; never a lesser one than was asked for."""

from __future__ import annotations

import os
from collections.abc import Callable
from importlib import import_module

from auditor.capture.backend import Backend, Request
from auditor.errors import CaptureError


def _ebpf() -> Backend:
    from auditor.capture.ebpf.backend import EbpfBackend

    return EbpfBackend()


def _dumpcap() -> Backend:
    from auditor.capture.backends.dumpcap import DumpcapBackend

    return DumpcapBackend()


def _scapy() -> Backend:
    from auditor.capture.backends.scapy_sockets import ScapyBackend

    return ScapyBackend()


#: From the one that sees most to the one that needs least.
LADDER: dict[str, Callable[[], Backend]] = {
    "ebpf": _ebpf,
    "dumpcap": _dumpcap,
    "scapy": _scapy,
}


def choose_backend(name: str, request: Request) -> tuple[Backend, str]:
    """Return an open backend, and the sentence that says why it was taken.

    ``name`` is ``auto`` or one of ``LADDER``. A backend that was named and does not work raises
    CaptureError with its reason; ``auto`` raises it when none does, with all reasons.
    """
    load_numpy()
    if name != "auto":
        if name not in LADDER:
            raise CaptureError(f"There is no backend {name!r}: use auto, {', '.join(LADDER)}.")
        return _opened(name, request), f"Backend {name} was asked for."
    reasons = []
    for rung in LADDER:
        try:
            backend = _opened(rung, request)
        except CaptureError as error:
            reasons.append(f"{rung}: {error}")
            continue
        why = f"Backend {rung} is the best that works here."
        return backend, " ".join((why, *(f"Not {reason}" for reason in reasons)))
    raise CaptureError("No backend can capture here. " + " ".join(reasons))


def load_numpy() -> None:
    """Load numpy with one thread, before there are rights to give up.

    Afterwards it could be out of reach: who is left may not be able to read a Python that lives in
    somebody's home. And with the threads that its linear algebra starts by itself, a service could
    not give its capabilities up in all of them.
    """
    os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")
    import_module("numpy")


def _opened(name: str, request: Request) -> Backend:
    backend = LADDER[name]()
    try:
        backend.open(request)
    except CaptureError:
        backend.close()
        raise
    return backend
