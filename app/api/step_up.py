"""Before money moves: the second factor again, in a header of the very call (``app/people/step_up.py``)."""

from typing import Any

from flask import request

from app import clock, db
from app.config import Config
from app.people.codes import Keys
from app.people.prove_second_factor import has_second_factor
from app.people.step_up import confirm, require_step_up
from app.web.actor import actor
from app.web.parts import part

HEADER = "Confirmation-Code"
PARAMETER: dict[str, Any] = {
    "in": "header",
    "name": HEADER,
    "required": False,
    "schema": {"type": "string", "maxLength": 20},
    "description": "Of who has a second factor: six digits of the authenticator, or a recovery code. Without one that was shown "
    "within the last five minutes, here or with `POST /tokens`, the answer is 403 `confirm-first` and nothing was done.",
}


def step_up() -> None:
    """
    :raises app.people.step_up.ConfirmFirst: …
    :raises app.people.prove_second_factor.WrongSecondFactor: …
    :raises TooMany: …
    """
    person, code, now = actor(), request.headers.get(HEADER, ""), clock.now()
    if code and has_second_factor(person.person):
        keys = Keys.of(part(Config))
        confirm(person.session, person.person, code, keys=keys, address=request.remote_addr or "", now=now)
    with db.reading() as session:
        require_step_up(session, sign_in=person.session, now=now)
