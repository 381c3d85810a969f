"""Everything a person must look at."""

from typing import Any

from flask import url_for

from app import clock, db
from app.api.parsing import Blueprint
from app.api.schemas import ExceptionList
from app.api.times import stamp
from app.attention import Attention
from app.home.exceptions import everything, sentence
from app.people.permissions import SEE_EXCEPTIONS
from app.web.guards import guard
from app.web.language import language

blueprint = Blueprint("api-exceptions", __name__, url_prefix="/api/v1", description="What a person must look at")


@blueprint.route("/exceptions", methods=["GET"])
@guard(SEE_EXCEPTIONS)
@blueprint.response(200, ExceptionList)
def exceptions() -> dict[str, Any]:
    """Of all slices, the oldest first; ``link`` is the page where something can be done."""
    with db.reading() as session:
        found = everything(session, now=clock.now())
    return {"items": [exception_json(one) for one in found], "next": None}


def exception_json(one: Attention) -> dict[str, Any]:
    values: dict[str, Any] = dict(one.arguments)
    return {
        "kind": one.kind,
        "ref": one.ref,
        "since": stamp(one.since),
        "sentence": sentence(one, language()),
        "link": url_for(one.endpoint, **values),
    }
