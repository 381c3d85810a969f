"""Who is asking. ``people`` registers how an actor is found; views only see the actor."""

from collections.abc import Callable
from dataclasses import dataclass

from flask import Flask, Request, g
from flask_login import LoginManager, UserMixin, current_user

from app.errors import NotAllowed, NotSignedIn, TryAgain
from app.markets import Market


@dataclass(frozen=True, eq=False)
class Actor(UserMixin):  # type: ignore[misc]
    """
    A signed-in person, as the database had it at the start of this very request.

    :ivar agent: the shop's ten-digit number, ``None`` for the institution's own people
    :ivar agent_group: chooses the tariff of fees and commission
    :ivar session: the session's id, to end it
    :ivar may_only_enrol: has no second factor where one is needed, and may do nothing but set one up
    """

    person: int
    name: str
    role: str
    permissions: frozenset[str]
    agent: str | None
    agent_name: str
    agent_group: str
    market: Market
    language: str
    session: int
    may_only_enrol: bool = False

    @property
    def by(self) -> str:
        """How postings and audit lines call this person."""
        return f"person:{self.person}"

    def may(self, permission: str) -> bool:
        return permission in self.permissions


def install(app: Flask, load: Callable[[Request], Actor | None]) -> None:
    """:param load: finds the actor of a request by its cookie or bearer token, in one query"""
    manager = LoginManager(app)
    manager.session_protection = None  # our own session rows decide
    manager.request_loader(lambda request: load_or_nobody(request, load))


def load_or_nobody(request: Request, load: Callable[[Request], Actor | None]) -> Actor | None:
    """When the database is away, the refusal that says so is shown to nobody in particular, instead of asking again."""
    if "database_away" in g:
        return None
    try:
        return load(request)
    except TryAgain:
        g.database_away = True
        raise


def actor() -> Actor:
    """:raises NotSignedIn: if nobody is"""
    person = current_user._get_current_object()
    if not isinstance(person, Actor):
        raise NotSignedIn
    return person


def actor_or_none() -> Actor | None:
    person = current_user._get_current_object()
    return person if isinstance(person, Actor) else None


def shop() -> str:
    """
    The agent number of a person of an agent.

    :raises NotAllowed: for the institution's own people: they have no counter
    """
    number = actor().agent
    if number is None:
        raise NotAllowed
    return number
