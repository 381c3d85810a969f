"""Each route carries exactly one guard; ``tests/test_routes.py`` holds the table routes × roles."""

from collections.abc import Callable
from functools import wraps
from typing import ParamSpec, TypeVar

from flask import current_app

from app.errors import N_, NotAllowed, Refusal
from app.web.actor import actor

P = ParamSpec("P")
R = TypeVar("R")

PUBLIC, SIGNED_IN = "public", "signed-in"


class EnrolFirst(Refusal):
    say = N_("Set up your second factor first. Until then your login opens nothing else.")
    status = 403


def public(view: Callable[P, R]) -> Callable[P, R]:
    """Anybody may come here."""
    view.guard = PUBLIC  # type: ignore[attr-defined]
    return view


def signed_in(view: Callable[P, R]) -> Callable[P, R]:
    """Everybody who is signed in."""

    @wraps(view)
    def guarded(*args: P.args, **kwargs: P.kwargs) -> R:
        if actor().may_only_enrol:
            raise EnrolFirst
        return view(*args, **kwargs)

    guarded.guard = SIGNED_IN  # type: ignore[attr-defined]
    return guarded


def signed_in_to_enrol(view: Callable[P, R]) -> Callable[P, R]:
    """Everybody who is signed in, even who must set up a second factor first."""

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
            if actor().may_only_enrol:
                raise EnrolFirst
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
