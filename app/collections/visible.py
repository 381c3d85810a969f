"""Whose payments the person who asks may see."""

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
