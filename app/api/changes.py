"""Changes of shops and people: asked for, decided by another, withdrawn."""

from datetime import date
from typing import Any

from flask import request
from sqlalchemy.orm import Session

from app import clock, db
from app.api.book import number as cursor_number
from app.api.change_schemas import ChangeDecision, ChangeList, ChangeOut, ChangeQuery, ChangeRequest, ChangeRevocation
from app.api.parsing import Blueprint
from app.api.step_up import PARAMETER, confirmed_by_header
from app.api.times import stamp, stamp_or_none
from app.changes import queries
from app.changes.catalogue import KINDS, find_kind
from app.changes.decide_change import decide_change, note_attempt
from app.changes.kind import hidden
from app.changes.model import Change, State
from app.changes.papers import add_papers, missing_papers
from app.changes.queries import approvals_of, failures_of, find_change, list_changes, name_of
from app.changes.request_change import Wish, request_change
from app.changes.revoke_change import revoke_change
from app.changes.versions import mark
from app.changes.withdraw_change import withdraw_change
from app.config import Config
from app.errors import N_, Invalid, NotAllowed
from app.people.permissions import ASK_CHANGES, DECIDE_CHANGES, SEE_CHANGES
from app.remarks import Remark
from app.web import refusals
from app.web.actor import actor, actor_or_none
from app.web.files import upload
from app.web.guards import guard
from app.web.language import language
from app.web.parts import part
from app.web.refusals import WrongType

blueprint = Blueprint("api-changes", __name__, url_prefix="/api/v1", description="Changes of shops and people")


SCAN = {"type": "string", "contentMediaType": "application/octet-stream", "description": "A scan: JPEG, PNG, HEIC or PDF"}
PAPERS = {
    "required": True,
    "content": {
        "multipart/form-data": {
            "schema": {
                "type": "object",
                "minProperties": 1,
                "additionalProperties": False,
                "properties": dict.fromkeys(sorted({paper.name for kind in KINDS.values() for paper in kind.papers}), SCAN),
            }
        }
    },
}


@blueprint.route("/changes", methods=["POST"])
@guard(ASK_CHANGES)
@blueprint.arguments(ChangeRequest())
@blueprint.response(201, ChangeOut)
def ask(body: dict[str, Any]) -> dict[str, Any]:
    """Ask for a change; a shop's person for the own shop, the institution's people for the shop they name."""
    wish = Wish(
        kind=body["kind"],
        by=actor().by,
        agent=body.get("agent") or None,
        person=body.get("person"),
        wanted=body["wanted"],
        reason=body["reason"],
        effective_on=day(body.get("effective_on")),
        on_behalf_of=body.get("on_behalf_of"),
        source="api",
        version=body.get("version"),
    )
    made = request_change(wish, keys=part(Config).scan_keys, now=clock.now())
    with db.reading() as session:
        return change_json(session, made)


def day(text: str | None) -> date | None:
    """:raises Invalid: if there is no such day"""
    try:
        return date.fromisoformat(text) if text else None
    except ValueError as error:
        raise Invalid(effective_on=N_("This is no day.")) from error


@blueprint.route("/changes", methods=["GET"])
@guard(SEE_CHANGES)
@blueprint.arguments(ChangeQuery(), location="query")
@blueprint.response(200, ChangeList)
def changes(query: dict[str, str]) -> dict[str, Any]:
    """The newest first; an owner sees the own shop's."""
    with db.reading() as session:
        found = list_changes(session, agent=actor().agent, state=query.get("state"), cursor=cursor_number(query.get("cursor")))
        items = [change_json(session, one) for one in found]
    return {"items": items, "next": str(found[-1].id) if len(found) == queries.PAGE else None}


@blueprint.route("/changes/<reference>", methods=["GET"])
@guard(SEE_CHANGES)
@blueprint.response(200, ChangeOut)
def change(reference: str) -> dict[str, Any]:
    """One change's present truth."""
    with db.reading() as session:
        return change_json(session, find_change(session, reference, agent=actor().agent))


@blueprint.route("/changes/<reference>/decision", methods=["POST"])
@guard(DECIDE_CHANGES)
@confirmed_by_header
@blueprint.doc(parameters=[PARAMETER])
@blueprint.arguments(ChangeDecision())
@blueprint.response(200, ChangeOut)
def decide(body: dict[str, Any], reference: str) -> dict[str, Any]:
    """Grant or deny; never by anybody on the asking side, and above the market's limit by two."""
    made = decide_change(
        reference,
        granted=body["granted"],
        reason=body["reason"],
        seen=body.get("seen"),
        by=actor().by,
        now=clock.now(),
        address=request.remote_addr or "",
    )
    with db.reading() as session:
        return change_json(session, made)


@blueprint.route("/changes/<reference>/revocation", methods=["POST"])
@guard(DECIDE_CHANGES)
@confirmed_by_header
@blueprint.doc(parameters=[PARAMETER])
@blueprint.arguments(ChangeRevocation())
@blueprint.response(200, ChangeOut)
def revoke(body: dict[str, Any], reference: str) -> dict[str, Any]:
    """Call off what was granted for a later day, before it happens; never by anybody on the asking side."""
    made = revoke_change(
        reference, reason=body["reason"], seen=body.get("seen"), by=actor().by, now=clock.now(), address=request.remote_addr or ""
    )
    with db.reading() as session:
        return change_json(session, made)


@blueprint.route("/changes/<reference>/papers", methods=["POST"])
@guard(ASK_CHANGES)
@blueprint.doc(requestBody=PAPERS)
@blueprint.response(200, ChangeOut)
def papers(reference: str) -> dict[str, Any]:
    """Scans that are still missing, each in the field of its paper's name; with the last one the request is complete."""
    if request.mimetype != "multipart/form-data":
        raise WrongType
    if unknown := list(request.form):
        raise Invalid(**{name: N_("This field is not known here.") for name in unknown})
    files = {name: content for name in request.files if (content := upload(name))}
    if not files:
        raise Invalid(papers=N_("Choose at least one file."))
    made = add_papers(reference, files, agent=actor().agent, keys=part(Config).scan_keys, by=actor().by, now=clock.now())
    with db.reading() as session:
        return change_json(session, made)


@blueprint.errorhandler(NotAllowed)
def write_attempt_down(refusal: NotAllowed) -> Any:
    """Whoever has no right to decide is stopped before the verb sees it, and stands in the trail all the same."""
    person = actor_or_none()
    if request.endpoint in ("api-changes.decide", "api-changes.revoke") and person is not None and not person.may(DECIDE_CHANGES):
        reference = (request.view_args or {}).get("reference", "")
        note_attempt(reference, refusal, granted=None, by=person.by, now=clock.now(), address=request.remote_addr or "")
    return refusals.answer(refusal)


@blueprint.route("/changes/<reference>", methods=["DELETE"])
@guard(ASK_CHANGES)
@blueprint.response(200, ChangeOut)
def withdraw(reference: str) -> dict[str, Any]:
    """Take the request back before it is done."""
    with db.transaction() as session:
        made = withdraw_change(session, reference, by=actor().by, now=clock.now())
        return change_json(session, made)


def change_json(session: Session, change: Change) -> dict[str, Any]:
    sees_private = actor().may(ASK_CHANGES) or actor().may(DECIDE_CHANGES)
    failures = failures_of(session, change)
    return {
        "id": change.reference,
        "kind": change.kind,
        "state": str(change.state),
        "agent": change.agent,
        "person": change.person_id,
        "source": change.source,
        "wanted": shown(change, change.wanted, sees_private=sees_private),
        "before": shown(change, change.before, sees_private=sees_private),
        "missing": [paper.name for paper in missing_papers(session, change)] if change.state == State.INCOMPLETE else [],
        "reason": change.reason,
        "effective_on": change.effective_on.isoformat() if change.effective_on else None,
        "persons_needed": change.persons_needed,
        "asked_at": stamp_or_none(change.asked_at),
        "asked_by": name_of(session, change.asked_by) if change.asked_by else None,
        "on_behalf_of": name_of(session, change.on_behalf_of) if change.on_behalf_of else None,
        "approvals": [{"by": name_of(session, one.by), "at": stamp(one.at)} for one in approvals_of(session, change)],
        "granted_at": stamp_or_none(change.granted_at),
        "denied_at": stamp_or_none(change.denied_at),
        "denied_by": name_of(session, change.denied_by) if change.denied_by else None,
        "denial_reason": change.denial_reason,
        "withdrawn_at": stamp_or_none(change.withdrawn_at),
        "applied_at": stamp_or_none(change.applied_at),
        "outcome": change.outcome,
        "failed_at": stamp_or_none(change.failed_at),
        "failure": Remark.from_json(failures[-1].say).in_words(language()) if failures else None,
        "seen": mark(change),
    }


def shown(change: Change, values: dict[str, Any], *, sees_private: bool) -> dict[str, Any]:
    """What is private as its last two letters, for whoever only reads."""
    private = set() if sees_private else {field.name for field in find_kind(change.kind).fields if field.is_private}
    return {name: hidden(value) if name in private and value else value for name, value in values.items()}
