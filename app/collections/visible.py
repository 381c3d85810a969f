"""What the person who asks may see: whose payments, and which billers."""

from app.billers.model import Biller
from app.billers.queries import all_billers, find_biller
from app.errors import NotFound
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


def visible_biller(code: str) -> Biller:
    """
    A shop sees the billers of its market; the institution's people see all.

    :raises NotFound: …
    """
    if actor().agent:
        return find_biller(code, actor().market)
    for biller in all_billers():
        if biller.code == code:
            return biller
    raise NotFound
