"""The system calls that a recording needs once everything is open: the filter's table, as data.

Found with strace(1) on the three backends, from the moment when rights are gone to the end of the
report; numbers are those of asm/unistd_64.h (x86_64) and asm-generic/unistd.h (aarch64).
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import NamedTuple


class When(NamedTuple):
    """What an argument must be: masked with ``mask``, one of ``values``."""

    argument: int
    """0 to 5; its low 32 bits count."""
    mask: int
    values: frozenset[int]


#: AUDIT_ARCH_… of linux/audit.h by the machine's name, and which column of the table is its own.
MACHINES = {"x86_64": (0xC000003E, 0), "aarch64": (0xC00000B7, 1)}
#: The number of a system call that the machine does not have.
NONE = -1

#: Whatever the arguments are: on what is open, on memory, time, threads and this process.
FREE = {
    "read": (0, 63), "write": (1, 64), "close": (3, 57), "fstat": (5, 80), "lseek": (8, 62),
    "munmap": (11, 215), "brk": (12, 214), "rt_sigaction": (13, 134), "rt_sigprocmask": (14, 135),
    "rt_sigreturn": (15, 139), "pread64": (17, 67), "readv": (19, 65), "writev": (20, 66),
    "poll": (7, NONE), "select": (23, NONE), "sched_yield": (24, 124), "mremap": (25, 216),
    "madvise": (28, 233), "dup": (32, 23), "nanosleep": (35, 101), "getpid": (39, 172),
    "recvfrom": (45, 207), "recvmsg": (47, 212), "getsockopt": (55, 209), "exit": (60, 93),
    "wait4": (61, 260), "uname": (63, 160), "fcntl": (72, 25), "fsync": (74, 82),
    "ftruncate": (77, 46), "getcwd": (79, 17), "gettimeofday": (96, 169), "getrusage": (98, 165),
    "sysinfo": (99, 179), "getuid": (102, 174), "getgid": (104, 176), "geteuid": (107, 175),
    "getegid": (108, 177), "getppid": (110, 173), "sigaltstack": (131, 132), "gettid": (186, 178),
    "futex": (202, 98), "sched_getaffinity": (204, 123), "getdents64": (217, 61),
    "restart_syscall": (219, 128), "fadvise64": (221, 223), "clock_gettime": (228, 113),
    "clock_getres": (229, 114), "clock_nanosleep": (230, 115), "exit_group": (231, 94),
    "epoll_wait": (232, NONE), "unlinkat": (263, 35), "readlinkat": (267, 78), "stat": (4, NONE),
    "lstat": (6, NONE), "readlink": (89, NONE), "access": (21, NONE), "newfstatat": (262, 79),
    "faccessat": (269, 48), "faccessat2": (439, 439), "statx": (332, 291), "pselect6": (270, 72),
    "ppoll": (271, 73), "set_robust_list": (273, 99), "epoll_pwait": (281, 22),
    "dup2": (33, NONE), "dup3": (292, 24), "pipe2": (293, 59), "getrandom": (318, 278),
    "membarrier": (324, 283), "rseq": (334, 293), "flock": (73, 32),
}  # fmt: skip

#: With certain arguments only.
CHECKED = {
    "openat": (257, 56), "mmap": (9, 222), "mprotect": (10, 226), "ioctl": (16, 29),
    "clone": (56, 220), "kill": (62, 129), "tgkill": (234, 131), "setsockopt": (54, 208),
    "bpf": (321, 280), "prlimit64": (302, 261),
}  # fmt: skip
#: Its flags lie in memory, where a filter cannot look: libraries take clone(2) when it is missing.
CLONE3 = (435, 435)

_PROT_EXEC, _CLONE_THREAD = 4, 0x10000
#: O_ACCMODE, O_CREAT, O_TRUNC and O_APPEND: all that makes or changes a file.
_CHANGES = 0o3 | 0o100 | 0o1000 | 0o2000
#: TCGETS, TIOCGWINSZ, FIONREAD, FIONBIO, FIOCLEX, FIONCLEX, SIOCGIFNAME.
_IOCTLS = frozenset({0x5401, 0x5413, 0x541B, 0x5421, 0x5451, 0x5450, 0x8910})
#: BPF_MAP_LOOKUP_ELEM, _UPDATE_ELEM, _DELETE_ELEM, _GET_NEXT_KEY, _LOOKUP_BATCH, ITER_CREATE.
_BPF = frozenset({1, 2, 3, 4, 24, 33})
#: PACKET_RX_RING and PACKET_DROP_MEMBERSHIP end a capture; SO_ATTACH_FILTER would widen it.
_PACKET_OPTIONS = frozenset({5, 2})
_SOL_PACKET = 263
_ALL = 0xFFFFFFFF


def conditions(
    process: int, children: Iterable[int], *, new_files: bool
) -> dict[str, tuple[When, ...]]:
    """Return what must hold of the arguments, all of it, for each of ``CHECKED``.

    ``process`` is our own number, ``children`` those of the programs that we may end; with
    ``new_files`` files may be made (Landlock says where), without none is opened to be changed.
    """
    return {
        "openat": () if new_files else (When(2, _CHANGES, frozenset({0})),),
        "mmap": (When(2, _PROT_EXEC, frozenset({0})),),
        "mprotect": (When(2, _PROT_EXEC, frozenset({0})),),
        "ioctl": (When(1, _ALL, _IOCTLS),),
        "clone": (When(0, _CLONE_THREAD, frozenset({_CLONE_THREAD})),),
        "kill": (When(0, _ALL, frozenset(children)),),
        "tgkill": (When(0, _ALL, frozenset({process})),),
        "setsockopt": (When(1, _ALL, frozenset({_SOL_PACKET})), When(2, _ALL, _PACKET_OPTIONS)),
        "bpf": (When(0, _ALL, _BPF),),
        "prlimit64": (When(2, _ALL, frozenset({0})), When(0, _ALL, frozenset({0, process}))),
    }
