"""What another process does in its own time."""

import time
from collections.abc import Callable, Sequence
from typing import TypeVar

Found = TypeVar("Found", bound=Sequence[object])


def waited_for(look: Callable[[], Found], *, seconds: int, count: int = 1) -> tuple[Found, float]:
    """:returns: what came, and after how many seconds"""
    began = time.monotonic()
    while len(found := look()) < count:
        assert time.monotonic() - began < seconds, f"only {found} after {seconds} s"
        time.sleep(0.1)
    return found, time.monotonic() - began
