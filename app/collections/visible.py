"""What the person who asks may see: whose payments, and which billers."""

from app.billers.model import Biller
from app.billers.queries import billers_of, find_biller
from app.errors import NotFound
from app.markets import Market
from app.people.permissions import FIND_PAYMENTS, SEE_OWN_PAYMENTS
from app.web.actor import actor, shop


def visible_agent() -> str | None:
    """The own agent's; ``None`` means all."""
    person = actor()
    if person.may(FIND_PAYMENTS):
        return None
    if not person.may(SEE_OWN_PAYMENTS):
        raise NotFound
    return shop()


def visible_market() -> Market | None:
    """A shop sees the billers of its market; the institution's people see all (``None``)."""
    return actor().market if actor().agent else None


def visible_billers() -> list[Biller]:
    return billers_of(visible_market())


def visible_biller(code: str) -> Biller:
    """:raises NotFound: if there is none, or it belongs to another market than the shop"""
    return find_biller(code, visible_market())
