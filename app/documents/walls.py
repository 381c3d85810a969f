"""
Walls around :mod:`app.documents.clean_room`, drawn by the kernel: whoever takes it over by a broken decoder is alone in it.

The room runs as the same user as the program that holds the keys. Without walls it could read them from that program's own
``/proc/<pid>/environ``, open the database's socket, or start something that outlives its limits (C-08, C11).
"""

import os
from collections.abc import Iterable
from errno import ENOSYS, EPERM
from pathlib import Path

from landlockpy import AccessFS, Ruleset, Scope, supported

try:
    import pyseccomp
except RuntimeError:  # the machine has no libseccomp
    pyseccomp = None

# Nobody who makes a picture anew needs these.
FORBIDDEN = (
    "socket", "connect", "io_uring_setup", "fork", "vfork", "execve", "execveat", "unshare", "setns", "kill", "tkill", "rt_sigqueueinfo",
    "rt_tgsigqueueinfo", "ptrace", "process_vm_readv", "process_vm_writev", "pidfd_open", "pidfd_getfd", "perf_event_open", "bpf", "keyctl",
)  # fmt: skip
A_THREAD = 0x10000  # of clone's flags: it stays in the same process, and so under its limits


def stand_behind_walls(*, readable: Iterable[Path]) -> None:
    """
    For this process, for ever; as far as the kernel can (:func:`are_there`).

    :param readable: folders and files it still needs; it writes nowhere
    """
    if supported():
        shut_files(readable)
    if pyseccomp:
        shut_calls()


def are_there() -> bool:
    """Whether this machine can draw them; :mod:`app.doctor` tells who runs it."""
    return supported() and pyseccomp is not None


def shut_files(readable: Iterable[Path]) -> None:
    """No file but the readable ones, no network; and no look into other processes, which the kernel then refuses by itself."""
    with Ruleset(scoped=Scope.ABSTRACT_UNIX_SOCKET | Scope.SIGNAL) as rules:
        for path in readable:
            if path.exists():
                rules.allow_path(path, AccessFS.READ_FILE | AccessFS.READ_DIR if path.is_dir() else AccessFS.READ_FILE)
        rules.restrict()


def shut_calls() -> None:
    refused = pyseccomp.ERRNO(EPERM)
    calls = pyseccomp.SyscallFilter(pyseccomp.ALLOW)
    for name in FORBIDDEN:
        calls.add_rule(refused, name)
    calls.add_rule(pyseccomp.ERRNO(ENOSYS), "clone3")  # its flags cannot be seen; the C library asks clone then
    calls.add_rule(refused, "clone", pyseccomp.Arg(0, pyseccomp.MASKED_EQ, A_THREAD, 0))
    calls.add_rule(refused, "tgkill", pyseccomp.Arg(0, pyseccomp.NE, os.getpid()))
    calls.add_rule(refused, "prlimit64", pyseccomp.Arg(0, pyseccomp.NE, 0))
    calls.load()
