"""What a worker process may not do: fill the memory, leave core files, open network sockets.

The guard refuses every SERVICE it sees; this module is the wall behind it. On Linux a seccomp filter makes
``socket(2)`` fail in the worker for good, so no query can send a request, however it is written.
"""

import contextlib
import ctypes
import os
import platform
import resource
import struct
import sys
from pathlib import Path
from typing import Final

WORKER_NICE: Final = 5

_PR_SET_NO_NEW_PRIVS: Final = 38
_PR_SET_SECCOMP: Final = 22
_SECCOMP_MODE_FILTER: Final = 2
_ALLOW: Final = 0x7FFF0000
_FAIL_WITH_EACCES: Final = 0x00050000 | 13
_X32_BIT: Final = 0x40000000

# (audit architecture, number of socket(2)), see linux/audit.h and the syscall tables of the kernel
_MACHINES: Final = {"x86_64": (0xC000003E, 41), "aarch64": (0xC00000B7, 198)}


def limit_memory(megabytes: int) -> None:
    """Let the process fail on its own when it asks for more address space than this.

    Parameters
    ----------
    megabytes
        Limit in MiB; 0 sets none.
    """
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    if megabytes:
        size = megabytes << 20
        _, hard = resource.getrlimit(resource.RLIMIT_AS)
        resource.setrlimit(resource.RLIMIT_AS, (size if hard < 0 else min(size, hard), hard))


def lower_priority() -> None:
    """Give way to the process that talks to clients."""
    os.nice(WORKER_NICE)


def lower_again(pid: int) -> None:
    """Give a worker process a third of the weight of the others, for the rest of its life.

    Parameters
    ----------
    pid
        Number of the process.

    Notes
    -----
    Every worker is a session of its own. Linux may share the processors between sessions before it looks
    at processes (sched(7), "The autogroup feature"), so both get the lower priority.
    """
    with contextlib.suppress(OSError):
        os.setpriority(os.PRIO_PROCESS, pid, WORKER_NICE + 5)
    with contextlib.suppress(OSError):
        Path(f"/proc/{pid}/autogroup").write_text("5")


def deny_sockets() -> bool:
    """Forbid this process and its later threads to open sockets, until it ends.

    Returns
    -------
    bool
        False where the kernel or the machine offers no such filter; the guard is then the only defence.
    """
    machine = _MACHINES.get(platform.machine())
    if sys.platform != "linux" or machine is None:
        return False
    libc = ctypes.CDLL(None, use_errno=True)
    code = ctypes.create_string_buffer(_program(*machine))
    program = ctypes.create_string_buffer(struct.pack("HxxxxxxP", len(code.raw) // 8, ctypes.addressof(code)))
    if libc.prctl(_PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) != 0:
        return False
    return bool(libc.prctl(_PR_SET_SECCOMP, _SECCOMP_MODE_FILTER, program, 0, 0) == 0)


def _program(architecture: int, socket_call: int) -> bytes:
    """Return the filter in the instructions of the kernel: operation, jump if true, if false, operand."""
    load, equal, at_least, answer = 0x20, 0x15, 0x35, 0x06
    instructions = [
        (load, 0, 0, 4),
        (equal, 0, 4, architecture),
        (load, 0, 0, 0),
        (equal, 2, 0, socket_call),
        (at_least, 1, 0, _X32_BIT),
        (answer, 0, 0, _ALLOW),
        (answer, 0, 0, _FAIL_WITH_EACCES),
    ]
    return b"".join(struct.pack("HBBI", *instruction) for instruction in instructions)
