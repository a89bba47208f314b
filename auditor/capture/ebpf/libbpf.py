"""The few functions of the system's ``libbpf.so.1`` that we call, each with its types.

libbpf returns NULL or a negative number and sets ``errno``; here that becomes a CaptureError that
carries what libbpf logged, the verifier's log included.
"""

from __future__ import annotations

import ctypes
import os
from collections import deque
from ctypes import CFUNCTYPE, POINTER, c_bool, c_char_p, c_int, c_size_t, c_uint32, c_void_p
from functools import cache
from typing import Any

from auditor.errors import CaptureError

#: The library by its ABI version: libbpf 1.0 and later.
LIBRARY = "libbpf.so.1"

#: Lines of libbpf's log that an error carries at most; the verifier's last ones say why.
LOG_LINES = 100

#: ``int (*libbpf_print_fn_t)(level, format, va_list)``.
_PRINT = CFUNCTYPE(c_int, c_int, c_char_p, c_void_p)

#: ``int (*ring_buffer_sample_fn)(void *ctx, void *data, size_t size)``.
SAMPLE = CFUNCTYPE(c_int, c_void_p, c_void_p, c_size_t)

_PROTOTYPES: dict[str, tuple[Any, list[Any]]] = {
    "libbpf_version_string": (c_char_p, []),
    "libbpf_set_print": (c_void_p, [_PRINT]),
    "libbpf_num_possible_cpus": (c_int, []),
    "libbpf_find_vmlinux_btf_id": (c_int, [c_char_p, c_int]),
    "libbpf_probe_bpf_map_type": (c_int, [c_int, c_void_p]),
    "bpf_prog_load": (c_int, [c_int, c_char_p, c_char_p, c_char_p, c_size_t, c_void_p]),
    "bpf_object__open_mem": (c_void_p, [c_char_p, c_size_t, c_void_p]),
    "bpf_object__load": (c_int, [c_void_p]),
    "bpf_object__close": (None, [c_void_p]),
    "bpf_object__btf": (c_void_p, [c_void_p]),
    "bpf_object__find_program_by_name": (c_void_p, [c_void_p, c_char_p]),
    "bpf_object__find_map_by_name": (c_void_p, [c_void_p, c_char_p]),
    "bpf_program__fd": (c_int, [c_void_p]),
    "bpf_program__set_autoload": (c_int, [c_void_p, c_bool]),
    "bpf_program__attach": (c_void_p, [c_void_p]),
    "bpf_link__fd": (c_int, [c_void_p]),
    "bpf_link__destroy": (c_int, [c_void_p]),
    "bpf_iter_create": (c_int, [c_int]),
    "bpf_map__fd": (c_int, [c_void_p]),
    "bpf_map__set_max_entries": (c_int, [c_void_p, c_uint32]),
    "bpf_map__initial_value": (c_void_p, [c_void_p, POINTER(c_size_t)]),
    "bpf_map_lookup_elem": (c_int, [c_int, c_void_p, c_void_p]),
    "bpf_map_update_elem": (c_int, [c_int, c_void_p, c_void_p, ctypes.c_uint64]),
    "bpf_map_delete_elem": (c_int, [c_int, c_void_p]),
    "bpf_map_lookup_batch": (
        c_int,
        [c_int, c_void_p, c_void_p, c_void_p, c_void_p, POINTER(c_uint32), c_void_p],
    ),
    "ring_buffer__new": (c_void_p, [c_int, SAMPLE, c_void_p, c_void_p]),
    "ring_buffer__consume": (c_int, [c_void_p]),
    "ring_buffer__epoll_fd": (c_int, [c_void_p]),
    "ring_buffer__free": (None, [c_void_p]),
    "btf__find_by_name_kind": (c_int, [c_void_p, c_char_p, c_uint32]),
    "btf__type_by_id": (c_void_p, [c_void_p, c_uint32]),
    "btf__name_by_offset": (c_char_p, [c_void_p, c_uint32]),
}

_log: deque[str] = deque(maxlen=LOG_LINES)


@cache
def library() -> Any:
    """Return the library with its prototypes set; raise CaptureError when it is not installed."""
    try:
        lib = ctypes.CDLL(LIBRARY, use_errno=True)
        for name, (result, arguments) in _PROTOTYPES.items():
            function = getattr(lib, name)
            function.restype = result
            function.argtypes = arguments
    except (OSError, AttributeError) as error:
        raise CaptureError(
            f"{LIBRARY} (libbpf 1.0 or later) cannot be used: {error}; "
            "install it (Debian: libbpf1) or choose another backend"
        ) from error
    lib.libbpf_set_print(_print)
    return lib


def _collect(_level: int, form: bytes, arguments: int) -> int:
    """Collect what libbpf logs for the next error instead of letting it print."""
    buffer = ctypes.create_string_buffer(1 << 16)
    _vsnprintf(buffer, len(buffer), form, arguments)
    _log.extend(buffer.value.decode("utf-8", "replace").splitlines())
    return 0


#: Kept here because C holds no reference to it.
_print = _PRINT(_collect)

_vsnprintf = ctypes.CDLL(None).vsnprintf
_vsnprintf.restype = c_int
_vsnprintf.argtypes = [c_char_p, c_size_t, c_char_p, c_void_p]


class BpfError(CaptureError):
    """Raised when libbpf or the kernel refuses; ``log`` is what they logged, line by line."""

    def __init__(self, what: str, number: int, log: str) -> None:
        self.number = number
        self.log = log
        super().__init__(f"{what}: {os.strerror(number)}")
        if log:
            self.add_note(log)


def clear_log() -> None:
    """Clear what libbpf has logged so far, so that an error carries only what belongs to it."""
    _log.clear()


def last_error(what: str, number: int | None = None) -> BpfError:
    """Return the error for a call that has just failed; ``what`` is the start of a sentence."""
    if number is None:
        number = ctypes.get_errno()
    return BpfError(what, number, "\n".join(_log))


def check_pointer(result: int | None, what: str) -> int:
    """Return a pointer that a call gave, or raise."""
    if not result:
        raise last_error(what)
    return result


def check_number(result: int, what: str) -> int:
    """Return a number or descriptor that a call gave, or raise when it is negative."""
    if result < 0:
        raise last_error(what, -result if result != -1 else None)
    return result
