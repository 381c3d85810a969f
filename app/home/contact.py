"""Whom a shop calls: the line of its market, as the configuration names it."""

from app.config import Config, Contact
from app.markets import Market

# Refusals after which somebody may need a person: the page shows whom to call.
NEEDS_A_PERSON = ("broken", "not-allowed", "blocked", "over-limit", "try-again", "too-many", "decided", "in-flight")


def contact_of(config: Config, market: Market) -> Contact | None:
    return config.contacts.get(market.code)
