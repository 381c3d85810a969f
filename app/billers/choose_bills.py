"""Several open bills of one subscriber: which of them another one contains (P-25). Pure; bills are their refs, the newest first."""

from collections.abc import Mapping, Sequence


def with_all_they_contain(covers: Mapping[str, Sequence[str]]) -> dict[str, tuple[str, ...]]:
    """July names June, June names May: July contains both."""
    return {ref: tuple(all_in(ref, covers)) for ref in covers}


def all_in(ref: str, covers: Mapping[str, Sequence[str]]) -> list[str]:
    found: list[str] = []
    waiting = list(covers[ref])
    while waiting:
        other = waiting.pop(0)
        if other != ref and other not in found:
            found.append(other)
            waiting += covers.get(other, ())
    return found


def contained(covers: Mapping[str, Sequence[str]]) -> dict[str, str]:
    """
    :param covers: of the bills that are looked at, as :func:`with_all_they_contain` makes it
    :returns: ref of each that another one of them contains → the newest of those
    """
    return {ref: by for by in reversed(list(covers)) for ref in covers[by] if ref in covers and ref != by}
