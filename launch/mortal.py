"""Processes that never outlive who started them (Linux): killed, even without a word, they take their own down with them."""

import ctypes
import os
import signal
import sys

SET_PARENT_DEATH_SIGNAL = 1


def die_with_parent(number: signal.Signals) -> None:
    """This process gets the signal ``number`` when its parent ends; ``exec`` keeps the wish, a change of account forgets it."""
    if sys.platform != "linux":
        return
    parent = os.getppid()
    ctypes.CDLL(None).prctl(SET_PARENT_DEATH_SIGNAL, number)
    if os.getppid() != parent:
        os._exit(1)  # it died while we asked
