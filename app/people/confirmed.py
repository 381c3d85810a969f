"""The decorator of doors through which money moves; under the guard. ``tests/test_routes.py`` holds who must carry it."""

from collections.abc import Callable
from functools import wraps
from typing import ParamSpec, TypeVar

from app import clock, db
from app.people.step_up import require_step_up
from app.web.actor import actor

P = ParamSpec("P")
R = TypeVar("R")


def confirmed(view: Callable[P, R]) -> Callable[P, R]:
    """:raises app.people.step_up.ConfirmFirst: before anything else happens"""

    @wraps(view)
    def asking(*args: P.args, **kwargs: P.kwargs) -> R:
        with db.reading() as session:
            require_step_up(session, sign_in=actor().session, now=clock.now())
        return view(*args, **kwargs)

    vars(asking)["is_confirmed"] = True
    return asking
