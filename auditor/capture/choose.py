"""Takes the best backend that works here, and says why; never a lesser one than was asked for."""

from __future__ import annotations

import os
from importlib import import_module

from auditor.capture.backend import Backend, Request
from auditor.capture.backend_registry import AUTO, BACKENDS, BackendEntry, BackendName
from auditor.errors import CaptureError


def choose_backend(name: str, request: Request) -> tuple[Backend, str]:
    """Return an open backend, and the sentence that says why it was taken.

    ``name`` is ``auto`` or a ``BackendName``. A backend that was named and does not work raises
    CaptureError with its reason; ``auto`` raises it when none does, with all reasons.
    """
    load_numpy()
    if name != AUTO:
        if name not in BACKENDS:
            raise CaptureError(f"There is no backend {name!r}: use {AUTO}, {', '.join(BACKENDS)}.")
        return _opened(BACKENDS[BackendName(name)], request), f"Backend {name} was asked for."
    reasons = []
    for entry in BACKENDS.values():
        try:
            backend = _opened(entry, request)
        except CaptureError as error:
            reasons.append(f"{entry.name}: {error}")
            continue
        why = f"Backend {entry.name} is the best that works here."
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


def _opened(entry: BackendEntry, request: Request) -> Backend:
    backend = entry.make()
    try:
        backend.open(request)
    except CaptureError:
        backend.close()
        raise
    return backend
