"""Before money moves: the second factor again, in a header of the very call (``app/people/step_up.py``)."""

from collections.abc import Callable
from functools import wraps
from typing import Any, ParamSpec, TypeVar

from flask import request

from app import clock
from app.config import Config
from app.people.codes import Keys
from app.people.confirmed import confirmed
from app.people.prove_second_factor import has_second_factor
from app.people.step_up import confirm
from app.web.actor import actor
from app.web.parts import part

P = ParamSpec("P")
R = TypeVar("R")

HEADER = "Confirmation-Code"
PARAMETER: dict[str, Any] = {
    "in": "header",
    "name": HEADER,
    "required": False,
    "schema": {"type": "string", "maxLength": 20},
    "description": "Of who has a second factor: six digits of the authenticator, or a recovery code. Without one that was shown "
    "within the last five minutes, here or with `POST /tokens`, the answer is 403 `confirm-first` and nothing was done.",
}


def confirmed_by_header(view: Callable[P, R]) -> Callable[P, R]:
    """
    :func:`confirmed`, after a code that stands in the header has been taken.

    :raises app.people.step_up.ConfirmFirst: …
    :raises app.people.prove_second_factor.WrongSecondFactor: …
    :raises TooMany: …
    """

    @wraps(view)
    def taking(*args: P.args, **kwargs: P.kwargs) -> R:
        person, code = actor(), request.headers.get(HEADER, "")
        if code and has_second_factor(person.person):
            keys = Keys.of(part(Config))
            confirm(person.session, person.person, code, keys=keys, address=request.remote_addr or "", now=clock.now())
        return asking(*args, **kwargs)

    asking = confirmed(view)
    vars(taking).update(vars(asking))
    return taking
