"""Tokens, and who is asking."""

from typing import Any

from flask import Response, jsonify, request

from app import clock, db
from app.api.parsing import Blueprint
from app.api.schemas import PersonOut, TokenOut, TokenRequest
from app.config import Config
from app.people import sessions
from app.people.codes import Keys
from app.people.devices import Visit
from app.people.sign_in import sign_in
from app.web.actor import actor
from app.web.guards import public, signed_in
from app.web.parts import part

blueprint = Blueprint("api-people", __name__, url_prefix="/api/v1", description="Tokens and the person behind one")


@blueprint.route("/tokens", methods=["POST"])
@public
@blueprint.arguments(TokenRequest())
@blueprint.response(201, TokenOut)
def begin(body: dict[str, str]) -> Response:
    """A bearer token for twelve hours. Who has a second factor sends its ``code``, or gets ``code-needed``."""
    visit = Visit(request.remote_addr or "", request.headers.get("User-Agent", ""))
    begun = sign_in(
        body["phone"], body["password"], kind="api", visit=visit, keys=Keys.of(part(Config)), now=clock.now(), code=body.get("code", "")
    )
    whose = {"name": begun.person.name, "role": begun.person.role, "agent": begun.person.agent}
    response = jsonify({"token": begun.token, "expires_at": begun.row.expires_at.isoformat(timespec="seconds"), "person": whose})
    response.status_code = 201
    return response


@blueprint.route("/tokens", methods=["DELETE"])
@signed_in
@blueprint.response(204)
def end() -> None:
    """End the token that is used for this very call."""
    with db.transaction() as session:
        sessions.end(session, actor().session, now=clock.now())


@blueprint.route("/me", methods=["GET"])
@signed_in
@blueprint.response(200, PersonOut)
def me() -> dict[str, Any]:
    """The person behind the token."""
    person = actor()
    return {"name": person.name, "role": person.role, "agent": person.agent}
