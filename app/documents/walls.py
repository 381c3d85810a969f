"""
Walls around :mod:`app.documents.clean_room`, drawn by the kernel: whoever takes it over by a broken decoder is alone in it.

The room runs as the same user as the program that holds the keys. Without walls it could read them from that program's own
``/proc/<pid>/environ``, open the database's socket, or start something that outlives its limits (C-08, C11).
"""

import ctypes
import os
import platform
import struct
from collections.abc import Iterable
from errno import ENOSYS, EPERM
from pathlib import Path

LIBC = ctypes.CDLL(None, use_errno=True)
SET_NO_NEW_PRIVILEGES, SET_SECCOMP, FILTER = 38, 22, 2
CREATE_RULESET, ADD_RULE, RESTRICT_SELF = 444, 445, 446
ASK_VERSION, PATH_BENEATH = 1, 1
READ_FILE, READ_DIR = 1 << 2, 1 << 3
FILE_ACCESS_BITS = {1: 13, 2: 14, 3: 15, 4: 15}  # by Landlock's version; 16 from the fifth on
CONNECT_AND_BIND, SOCKETS_AND_SIGNALS = 3, 3

ARCHITECTURES = {"x86_64": 0xC000003E, "aarch64": 0xC00000B7}
# Nobody who makes a picture anew needs these. Numbers on x86-64 and on 64-bit ARM; ``None``: there is no such call.
FORBIDDEN = {
    "socket": (41, 198), "connect": (42, 203), "io_uring_setup": (425, 425),
    "fork": (57, None), "vfork": (58, None), "execve": (59, 221), "execveat": (322, 281), "unshare": (272, 97), "setns": (308, 268),
    "ptrace": (101, 117), "process_vm_readv": (310, 270), "process_vm_writev": (311, 271), "pidfd_open": (434, 434),
    "pidfd_getfd": (438, 438), "perf_event_open": (298, 241), "bpf": (321, 280), "keyctl": (250, 219),
    "kill": (62, 129), "tkill": (200, 130), "rt_sigqueueinfo": (129, 138), "rt_tgsigqueueinfo": (297, 240),
}  # fmt: skip
CLONE, CLONE3, TGKILL, PRLIMIT = (56, 220), (435, 435), (234, 131), (302, 261)
A_THREAD = 0x10000  # of clone's flags: it stays in the same process, and so under its limits
NUMBER, ARCHITECTURE, FIRST_ARGUMENT = 0, 4, 16  # offsets in what the filter sees of a call
LOAD, EQUAL, AT_LEAST, HAS_BIT, RETURN = 0x20, 0x15, 0x35, 0x45, 0x06
ALLOW, REFUSE = 0x7FFF0000, 0x00050000


def stand_behind_walls(*, readable: Iterable[Path]) -> None:
    """
    For this process, for ever.

    :param readable: folders and files it still needs; it writes nowhere
    """
    LIBC.prctl(SET_NO_NEW_PRIVILEGES, 1, 0, 0, 0)
    if version := landlock_version():
        shut_files(version, readable)
    if platform.machine() in ARCHITECTURES:
        shut_calls()


def are_there() -> bool:
    """Whether this kernel can draw them; :mod:`app.doctor` tells who runs it."""
    return landlock_version() > 0 and platform.machine() in ARCHITECTURES


def landlock_version() -> int:
    return max(0, int(LIBC.syscall(CREATE_RULESET, None, ctypes.c_size_t(0), ASK_VERSION)))


def shut_files(version: int, readable: Iterable[Path]) -> None:
    """No file but the readable ones, no network; and no look into other processes, which the kernel then refuses by itself."""
    handled = [(1 << FILE_ACCESS_BITS.get(version, 16)) - 1]
    if version >= 4:
        handled.append(CONNECT_AND_BIND)
    if version >= 6:
        handled.append(SOCKETS_AND_SIGNALS)
    attributes = struct.pack(f"={len(handled)}Q", *handled)
    rules = LIBC.syscall(CREATE_RULESET, attributes, ctypes.c_size_t(len(attributes)), 0)
    must(rules)
    for path in readable:
        if path.exists():
            opened = os.open(path, os.O_PATH | os.O_CLOEXEC)
            allowed = READ_FILE | READ_DIR if path.is_dir() else READ_FILE
            must(LIBC.syscall(ADD_RULE, rules, PATH_BENEATH, struct.pack("=Qi", allowed, opened), 0))
            os.close(opened)
    must(LIBC.syscall(RESTRICT_SELF, rules, 0))
    os.close(rules)


def shut_calls() -> None:
    program = b"".join(struct.pack("=HBBI", *step) for step in steps())
    kept = ctypes.create_string_buffer(program)
    head = struct.pack("@HP", len(program) // 8, ctypes.addressof(kept))
    must(LIBC.prctl(SET_SECCOMP, FILTER, head, 0, 0))


def steps() -> list[tuple[int, int, int, int]]:
    """The filter, a step a line: what to do, how many to pass over if it is so and if not, and the value."""
    machine = platform.machine()
    place = list(ARCHITECTURES).index(machine)
    refuse = (RETURN, 0, 0, REFUSE | EPERM)
    program = [
        (LOAD, 0, 0, ARCHITECTURE), (EQUAL, 1, 0, ARCHITECTURES[machine]), refuse,
        (LOAD, 0, 0, NUMBER), (AT_LEAST, 0, 1, 0x40000000), refuse,
    ]  # fmt: skip
    for numbers in FORBIDDEN.values():
        if (number := numbers[place]) is not None:
            program += [(EQUAL, 0, 1, number), refuse]
    program += [(EQUAL, 0, 1, CLONE3[place]), (RETURN, 0, 0, REFUSE | ENOSYS)]  # its flags cannot be seen; the C library asks clone then
    program += [(EQUAL, 0, 3, CLONE[place]), (LOAD, 0, 0, FIRST_ARGUMENT), (HAS_BIT, 1, 0, A_THREAD), refuse, (LOAD, 0, 0, NUMBER)]
    for number, own in ((TGKILL[place], os.getpid()), (PRLIMIT[place], 0)):  # itself alone
        program += [(EQUAL, 0, 3, number), (LOAD, 0, 0, FIRST_ARGUMENT), (EQUAL, 1, 0, own), refuse, (LOAD, 0, 0, NUMBER)]
    return [*program, (RETURN, 0, 0, ALLOW)]


def must(answer: int) -> None:
    if answer < 0:
        raise OSError(ctypes.get_errno(), "the walls of the clean room cannot be drawn")
