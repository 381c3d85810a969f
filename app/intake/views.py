"""``/intake``: what came in by mail or over a desk and waits for a person; on the left the list, on the right one of them."""

import base64
from typing import Any

from flask import Blueprint, flash, redirect, render_template, request, url_for
from sqlalchemy.orm import Session
from werkzeug.wrappers import Response

from app import clock, db
from app.config import Config
from app.errors import N_
from app.intake.forms import ActForm, AnswerForm, AttachForm, DraftForm, ScanForm
from app.intake.model import Intake, Outcome
from app.intake.queries import PAGE, find_intake, how_many_papers, list_ended, read_dossier, to_sort, waiting
from app.intake.sort_intake import answer_and_close, attach_paper, confirm_request, open_draft_of, put_away, see_paper
from app.intake.words import DOUBTS, OUTCOMES
from app.people.permissions import SEE_INTAKE, SORT_INTAKE
from app.web.actor import actor
from app.web.files import download
from app.web.guards import guard
from app.web.inputs import read_cursor
from app.web.language import _
from app.web.parts import part

blueprint = Blueprint("intake", __name__, template_folder="templates")


@blueprint.get("/intake")
@guard(SEE_INTAKE)
def queue() -> str:
    with db.reading() as session:
        return render_template("intake/queue.html", dossier=None, **left_side(session))


def left_side(session: Session) -> dict[str, Any]:
    """What waits, the oldest first; or what ended in the chosen way, the newest first."""
    outcome = request.args.get("outcome", "")
    is_ended = outcome in list(Outcome)
    found = list_ended(session, outcome=outcome, cursor=read_cursor()) if is_ended else waiting(session)
    return {
        "outcome": outcome if is_ended else "",
        "outcomes": OUTCOMES,
        "doubts": DOUBTS,
        "found": found,
        "to_sort": to_sort(session)[0],
        "more": is_ended and len(found) == PAGE,
        "papers": how_many_papers(session, [intake.id for intake in found]),
        "now": clock.now(),
    }


@blueprint.get("/intake/<number:number>")
@guard(SEE_INTAKE)
def one(number: int) -> str:
    return page(number)


def page(number: int, *, picture: tuple[int, str] | None = None) -> str:
    """:param picture: which paper is shown, and its JPEG in base64"""
    with db.reading() as session:
        intake = find_intake(session, number)
        return render_template(
            "intake/queue.html",
            dossier=read_dossier(session, intake),
            picture=picture,
            may_sort=actor().may(SORT_INTAKE) and intake.outcome is None,
            attach_form=AttachForm(formdata=None),
            draft_form=DraftForm(formdata=None, agent=intake.agent or ""),
            answer_form=AnswerForm(formdata=None),
            scan_form=ScanForm(formdata=None),
            **left_side(session),
        )


@blueprint.post("/intake/<number:number>/confirmation")
@guard(SORT_INTAKE)
def confirm(number: int) -> Response:
    ActForm().validate_on_submit()
    with db.transaction() as session:
        intake = confirm_request(session, number, by=actor().by, now=clock.now())
    return onward(intake)


@blueprint.post("/intake/<number:number>/papers/<number:place>")
@guard(SORT_INTAKE)
def attach(number: int, place: int) -> Response:
    form = AttachForm()
    form.validate_on_submit()
    with db.transaction() as session:
        intake = attach_paper(
            session,
            number,
            place,
            reference=form.reference.data,
            which=form.which.data or "",
            agent=None,
            by=actor().by,
            now=clock.now(),
        )
    return onward(intake)


@blueprint.post("/intake/<number:number>/papers/<number:place>/view")
@guard(SORT_INTAKE)
def view(number: int, place: int) -> Response | str:
    """A picture on the page, a PDF as a download; either way it is written down who looked, when and why (C-08)."""
    with db.transaction() as session:
        opened = see_paper(
            session, number, place, reason=ScanForm().reason.data, keys=part(Config).scan_keys, by=actor().by, now=clock.now()
        )
    if opened.media_type != "image/jpeg":
        return download(opened.content, opened.media_type, opened.file_name)
    return page(number, picture=(place, base64.b64encode(opened.content).decode()))


@blueprint.post("/intake/<number:number>/draft")
@guard(SORT_INTAKE)
def draft(number: int) -> Response:
    """The operator goes on to key in what the paper says."""
    form = DraftForm()
    form.validate_on_submit()
    with db.transaction() as session:
        change = open_draft_of(session, number, kind=form.kind.data or "", agent=form.agent.data, by=actor().by, now=clock.now())
    if request.form.get("then") == "key-in":
        return redirect(url_for("change_requests.new", kind=change.kind, draft=change.reference), 303)
    flash(_(N_("Draft {change} is open.")).format(change=change.reference))
    return redirect(url_for("intake.one", number=number), 303)


@blueprint.post("/intake/<number:number>/answer")
@guard(SORT_INTAKE)
def answer(number: int) -> Response:
    form = AnswerForm()
    form.validate_on_submit()
    with db.transaction() as session:
        intake = answer_and_close(session, number, text=form.text.data, by=actor().by, now=clock.now())
    return onward(intake)


@blueprint.post("/intake/<number:number>/end")
@guard(SORT_INTAKE)
def put_aside(number: int) -> Response:
    ActForm().validate_on_submit()
    with db.transaction() as session:
        intake = put_away(session, number, by=actor().by, now=clock.now())
    return onward(intake)


def onward(intake: Intake) -> Response:
    """What is done leaves the queue; what waits stays on the screen."""
    if intake.outcome is None:
        return redirect(url_for("intake.one", number=intake.id), 303)
    flash(_(N_("Number {number} is done: {outcome}.")).format(number=intake.id, outcome=_(OUTCOMES[Outcome(intake.outcome)])))
    return redirect(url_for("intake.queue"), 303)
