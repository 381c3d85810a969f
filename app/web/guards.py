"""Each route carries exactly one guard; ``tests/test_routes.py`` holds the table routes × roles."""

from collections.abc import Callable
from functools import wraps
from typing import ParamSpec, TypeVar

from flask import current_app

from app.errors import NotAllowed
from app.web.actor import actor

P = ParamSpec("P")
R = TypeVar("R")

PUBLIC, SIGNED_IN = "public", "signed-in"


def public(view: Callable[P, R]) -> Callable[P, R]:
    """Anybody may come here."""
    view.guard = PUBLIC  # type: ignore[attr-defined]
    return view


def signed_in(view: Callable[P, R]) -> Callable[P, R]:
    """Everybody who is signed in."""

    @wraps(view)
    def guarded(*args: P.args, **kwargs: P.kwargs) -> R:
        actor()
        return view(*args, **kwargs)

    guarded.guard = SIGNED_IN  # type: ignore[attr-defined]
    return guarded


def guard(permission: str) -> Callable[[Callable[P, R]], Callable[P, R]]:
    """Only who has this permission right now."""

    def decorate(view: Callable[P, R]) -> Callable[P, R]:
        @wraps(view)
        def guarded(*args: P.args, **kwargs: P.kwargs) -> R:
            if not actor().may(permission):
                raise NotAllowed
            return view(*args, **kwargs)

        guarded.guard = permission  # type: ignore[attr-defined]
        return guarded

    return decorate


def may_go(endpoint: str) -> bool:
    """Whether this person's role opens that page."""
    needed: str = vars(current_app.view_functions[endpoint])["guard"]
    return needed in (PUBLIC, SIGNED_IN) or actor().may(needed)
