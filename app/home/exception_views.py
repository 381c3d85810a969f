"""``/exceptions``: everything a person must look at, with the page where something can be done."""

from typing import Any

from flask import Blueprint, render_template, url_for

from app import clock, db
from app.attention import Attention
from app.home.exceptions import everything, sentence
from app.people.permissions import SEE_EXCEPTIONS
from app.web.guards import guard, may_go

blueprint = Blueprint("exceptions", __name__, template_folder="templates")


@blueprint.get("/exceptions")
@guard(SEE_EXCEPTIONS)
def exceptions() -> str:
    now = clock.now()
    with db.reading() as session:
        found = everything(session, now=now)
    rows = [(one, link(one), now - one.since) for one in found]
    return render_template("home/exceptions.html", rows=rows, sentence=sentence)


def link(one: Attention) -> str | None:
    """``None`` where this person may not go."""
    values: dict[str, Any] = dict(one.arguments)
    return url_for(one.endpoint, **values) if may_go(one.endpoint) else None
