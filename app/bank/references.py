"""Our names for deposits and for money to shops, and for the postings about them."""

from datetime import datetime

from app.markets import INSTITUTION
from app.references import dated_reference, dated_references


def new_references(now: datetime, *, count: int) -> list[str]:
    """``D251122-7K3M9QXA2B4C``"""
    return dated_references("D", now, INSTITUTION.zone, count=count)


def new_payout_reference(now: datetime) -> str:
    """``A251122-7K3M9QXA2B4C``: money to a shop."""
    return dated_reference("A", now, INSTITUTION.zone)


def about(reference: str, *, turn: int = 1) -> str:
    """
    What a deposit's postings are about: itself, and ``…/2`` when it is credited to somebody for the second time (E26).
    An event about a thing stands in the book once.
    """
    return reference if turn <= 1 else f"{reference}/{turn}"
