"""
The code on a form: ``GISE:C-7K3M-9Q2X-4``. Capital letters, digits and dashes only, so that a QR needs few and large modules.

Whoever keeps a scan finds the matter by it; what else stands in codes on a page, such as an identity card's own, is nobody's business.
"""

import re
from collections.abc import Iterable

MARK = "GISE:"
SHAPE = re.compile(r"GISE:([A-Z][A-Z0-9]*(?:-[A-Z0-9]+){1,5})")
LONGEST = 40


def code_of(reference: str) -> str:
    """:param reference: of a request or a payment, such as ``C-7K3M-9Q2X-4``"""
    code = MARK + reference
    assert is_ours(code), f"{reference} cannot stand in a code"
    return code


def is_ours(text: str) -> bool:
    return len(text) <= LONGEST and SHAPE.fullmatch(text) is not None


def references_in(codes: Iterable[str]) -> list[str]:
    """What the codes of a scan name, each once, in the order of the pages. Two different ones are for a person to sort out."""
    return list(dict.fromkeys(code.removeprefix(MARK) for code in codes if is_ours(code)))
