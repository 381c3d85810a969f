"""``/exceptions``: everything a person must look at, of all slices, the oldest first."""

from datetime import datetime
from typing import Any

from flask import Blueprint, render_template, url_for
from sqlalchemy.orm import Session

from app import clock, db
from app.attention import Attention
from app.cancellations.attention import attention as cancellations
from app.collections.attention import attention as payments
from app.people.permissions import SEE_EXCEPTIONS
from app.web.guards import guard
from app.web.language import _
from app.web.refusals import shown

blueprint = Blueprint("exceptions", __name__, template_folder="templates")

SOURCES = (payments, cancellations)


def everything(session: Session, *, now: datetime) -> list[Attention]:
    found = [one for source in SOURCES for one in source(session, now=now)]
    return sorted(found, key=lambda one: one.since)


def sentence(one: Attention, to_language: str) -> str:
    return _(one.say).format_map({name: shown(value, to_language) for name, value in one.facts.items()})


@blueprint.get("/exceptions")
@guard(SEE_EXCEPTIONS)
def exceptions() -> str:
    now = clock.now()
    with db.reading() as session:
        found = everything(session, now=now)
    rows = [(one, link(one), now - one.since) for one in found]
    return render_template("home/exceptions.html", rows=rows, sentence=sentence)


def link(one: Attention) -> str:
    values: dict[str, Any] = dict(one.arguments)
    return url_for(one.endpoint, **values)
