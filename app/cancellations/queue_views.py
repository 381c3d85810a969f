"""``/cancellations``: the list on the left, one request on the right; a shop's persons see the own shop's."""

import base64
from typing import Any

from flask import Blueprint, redirect, render_template, request, url_for
from sqlalchemy.orm import Session
from werkzeug.wrappers import Response

from app import clock, db
from app.cancellations.board import board, latest_reports
from app.cancellations.decide_cancellation import decide_cancellation, is_own
from app.cancellations.dossier import Dossier, read_dossier
from app.cancellations.forms import DecisionForm, ScanForm
from app.cancellations.model import State
from app.cancellations.queries import PAGE, biller_names, find_cancellation, list_cancellations, waiting
from app.cancellations.see_scan import see_scan
from app.collections.visible import visible_agent
from app.config import Config
from app.errors import N_, Invalid, NotFound
from app.people.confirmed import confirmed
from app.people.permissions import DECIDE_CANCELLATIONS, FIND_PAYMENTS, SEE_CANCELLATIONS
from app.web.actor import actor
from app.web.files import download
from app.web.guards import guard
from app.web.parts import part

blueprint = Blueprint("cancellation_queue", __name__, template_folder="templates")

ENDED = (State.DONE, State.DENIED, State.REFUSED, State.WITHDRAWN)
LONGEST_CURSOR = 18


@blueprint.get("/cancellations")
@guard(SEE_CANCELLATIONS)
def queue() -> str:
    with db.reading() as session:
        return render_template("cancellations/queue.html", dossier=None, **left_side(session))


def left_side(session: Session) -> dict[str, Any]:
    """What waits, by minutes left; or what ended in the chosen way, the newest first."""
    state, agent = request.args.get("state", ""), visible_agent()
    chosen = {"state": state if state in ENDED else "", "ended": ENDED, "billers": biller_names(session)}
    if state not in ENDED:
        return chosen | {"waiting": waiting(session, now=clock.now(), agent=agent), "ended_ones": (), "more": False}
    found = list_cancellations(session, agent=agent, state=state, cursor=cursor())
    return chosen | {"waiting": (), "ended_ones": found, "more": len(found) == PAGE}


def cursor() -> int | None:
    text = request.args.get("cursor", "")
    if text and not (text.isascii() and text.isdigit() and len(text) <= LONGEST_CURSOR):
        raise Invalid(cursor=N_("This cursor was not given by us."))
    return int(text) if text else None


@blueprint.get("/cancellations/<number:number>")
@guard(SEE_CANCELLATIONS)
def cancellation(number: int) -> str:
    return page(number, DecisionForm())


def page(number: int, form: DecisionForm, *, picture: tuple[str, str] | None = None) -> str:
    """:param picture: which scan is shown, and its JPEG in base64"""
    with db.reading() as session:
        dossier = read_dossier(session, find_cancellation(session, number, agent=visible_agent()))
        return render_template(
            "cancellations/queue.html",
            dossier=dossier,
            form=form,
            scan_form=ScanForm(formdata=None),
            picture=picture,
            **what_may_be_done(session, dossier),
            **left_side(session),
        )


def what_may_be_done(session: Session, dossier: Dossier) -> dict[str, bool]:
    """The verbs decide again; these say which buttons make sense."""
    person, asked_by, now = actor(), dossier.cancellation.asked_by, clock.now()
    decides = person.may(DECIDE_CANCELLATIONS)
    own = is_own(session, dossier.cancellation, person.by, now=now)
    waits = dossier.cancellation.state == State.ASKED
    return {
        "may_decide": decides and waits and not own,
        "own_request": decides and waits and own,
        "may_see_scans": decides or asked_by == person.by,
        "may_withdraw": waits and (person.agent is not None or asked_by == person.by),
        "is_in_time": now < dossier.cancellation.report_until,
    }


@blueprint.post("/cancellations/<number:number>/decision")
@guard(DECIDE_CANCELLATIONS)
@confirmed
def decide(number: int) -> Response | tuple[str, int]:
    form = DecisionForm()
    if not form.validate_on_submit():
        return page(number, form), 422
    granted, reason = form.granted.data == "yes", form.in_words()
    with db.transaction() as session:
        decide_cancellation(session, number, granted=granted, reason=reason, by=actor().by, now=clock.now())
    return redirect(url_for("cancellation_queue.cancellation", number=number), 303)


@blueprint.post("/cancellations/<number:number>/scans/<which>")
@guard(SEE_CANCELLATIONS)
def scan(number: int, which: str) -> Response | str:
    """A picture on the page, a PDF as a download; either way it is written down who looked, when and why (C-08)."""
    if which not in ("form", "identity"):
        raise NotFound
    with db.transaction() as session:
        opened = see_scan(
            session,
            number,
            "form" if which == "form" else "identity",
            agent=visible_agent(),
            may_decide=actor().may(DECIDE_CANCELLATIONS),
            reason=ScanForm().reason.data,
            keys=part(Config).scan_keys,
            by=actor().by,
            now=clock.now(),
        )
    if opened.media_type != "image/jpeg":
        return download(opened.content, opened.media_type, opened.file_name)
    return page(number, DecisionForm(formdata=None), picture=(which, base64.b64encode(opened.content).decode()))


@blueprint.get("/cancellations/board")
@guard(FIND_PAYMENTS)
def cut_off_board() -> str:
    """Of all shops, and so for the institution's people alone."""
    with db.reading() as session:
        lines = board(session, override=part(Config).cut_off, now=clock.now())
        reports = latest_reports(session)
    return render_template("cancellations/board.html", lines=lines, reports=reports, states=list(State))
