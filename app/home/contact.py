"""Whom a shop calls: a line for each market."""

from dataclasses import dataclass

from app.markets import Market


@dataclass(frozen=True)
class Contact:
    """
    :ivar hours: of the market's own time, such as ``09:00–18:00``; :ivar weekend: the same, empty when nobody is there
    """

    phone: str
    mail: str
    hours: str
    weekend: str


CONTACTS = {
    "TR": Contact("0850 000 00 00", "destek@gise.example", "08:00–22:00", "09:00–20:00"),
    "AZ": Contact("012 000 00 00", "destek.az@gise.example", "09:00–18:00", "10:00–16:00"),
    "ES": Contact("900 000 000", "soporte@gise.example", "09:00–19:00", ""),
    "HU": Contact("06 80 000 000", "segitseg@gise.example", "08:00–18:00", ""),
}

# Refusals after which somebody may need a person: the page shows whom to call.
NEEDS_A_PERSON = ("broken", "not-allowed", "blocked", "over-limit", "try-again", "too-many", "decided", "in-flight")


def contact_of(market: Market) -> Contact:
    return CONTACTS[market.code]
