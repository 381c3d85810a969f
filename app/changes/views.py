"""``/changes``: what shops ask for, on the left the list, on the right one of them; and the forms to ask with."""

import base64
from typing import Any

from flask import Blueprint, redirect, render_template, request, url_for
from sqlalchemy.orm import Session
from werkzeug.wrappers import Response

from app import clock, db
from app.changes.catalogue import KINDS
from app.changes.close_shop import final_statement_of
from app.changes.decide_change import decide_change, is_own, note_attempt
from app.changes.dossier import Dossier, read_dossier
from app.changes.final_statement import print_final_statement
from app.changes.forms import DecisionForm, RevocationForm, ScanForm
from app.changes.model import OPEN, TO_DECIDE, State
from app.changes.papers import TAKES_PAPERS, add_papers, see_paper
from app.changes.print_form import has_form, print_change_form
from app.changes.queries import PAGE, find_change, list_changes, waiting
from app.changes.revoke_change import revoke_change
from app.changes.versions import mark
from app.changes.withdraw_change import withdraw_change
from app.config import Config
from app.errors import N_, Invalid, NotAllowed
from app.people.confirmed import confirmed
from app.people.permissions import ASK_CHANGES, DECIDE_CHANGES, SEE_CHANGES
from app.web import refusals
from app.web.actor import actor, actor_or_none
from app.web.files import download, paper, upload
from app.web.guards import guard
from app.web.inputs import read_cursor
from app.web.parts import part

blueprint = Blueprint("changes", __name__, template_folder="templates")

ENDED = (State.APPLIED, State.DENIED, State.WITHDRAWN)


@blueprint.get("/changes")
@guard(SEE_CHANGES)
def queue() -> str:
    with db.reading() as session:
        return render_template("changes/queue.html", dossier=None, **left_side(session))


def left_side(session: Session) -> dict[str, Any]:
    """What waits, the oldest first; or what ended in the chosen way, the newest first."""
    state, agent = request.args.get("state", ""), actor().agent
    chosen = {"state": state if state in ENDED else "", "ended": ENDED, "kinds": KINDS, "to_ask": kinds_to_ask()}
    if state not in ENDED:
        return chosen | {"waiting": waiting(session, agent=agent), "now": clock.now(), "ended_ones": (), "more": False}
    found = list_changes(session, agent=agent, state=state, cursor=read_cursor())
    return chosen | {"waiting": (), "now": clock.now(), "ended_ones": found, "more": len(found) == PAGE}


def kinds_to_ask() -> list[Any]:
    """What an owner can ask for from here; the institution's people begin on the shop's page, or take one on."""
    mine = [kind for kind in KINDS.values() if actor().may(ASK_CHANGES) and actor().role in kind.asked_by]
    return [kind for kind in mine if (kind.person != "one" if actor().agent else not kind.has_agent)]


@blueprint.get("/changes/<reference>")
@guard(SEE_CHANGES)
def change(reference: str) -> str:
    return page(reference, DecisionForm())


def page(reference: str, form: DecisionForm, *, picture: tuple[str, str] | None = None) -> str:
    """:param picture: which paper is shown, and its JPEG in base64"""
    person = actor()
    with db.reading() as session:
        found = find_change(session, reference, agent=person.agent)
        dossier = read_dossier(session, found, asker=person.agent, sees_private=sees_private())
        return render_template(
            "changes/queue.html",
            dossier=dossier,
            form=form,
            revocation=RevocationForm(formdata=None),
            scan_form=ScanForm(formdata=None),
            picture=picture,
            seen=mark(found),
            **what_may_be_done(session, dossier),
            **left_side(session),
        )


def sees_private() -> bool:
    """Who asks and who decides read what is private whole; who only reads, its last letters (C25)."""
    return actor().may(ASK_CHANGES) or actor().may(DECIDE_CHANGES)


def what_may_be_done(session: Session, dossier: Dossier) -> dict[str, Any]:
    """The verbs decide again; these say which buttons make sense."""
    person, found = actor(), dossier.change
    decides, waits = person.may(DECIDE_CHANGES), found.state in (*TO_DECIDE, State.GRANTED)
    own = decides and waits and is_own(session, found, person.by, now=clock.now())
    is_takers = person.agent is not None or found.asked_by == person.by or found.state == State.DRAFT
    return {
        "may_decide": decides and found.state in TO_DECIDE and not own,
        "may_revoke": decides and found.state == State.GRANTED and not own,
        "own_request": own,
        "may_see": {story.paper.name: decides or story.scan.kept_by == person.by for story in dossier.scans},
        "may_withdraw": person.may(ASK_CHANGES) and is_takers and found.state in OPEN,
        "may_print": has_form(found.kind) and found.state in TAKES_PAPERS,
        "may_add_papers": person.may(ASK_CHANGES) and found.state == State.INCOMPLETE,
    }


@blueprint.post("/changes/<reference>/decision")
@guard(DECIDE_CHANGES)
@confirmed
def decide(reference: str) -> Response | tuple[str, int]:
    form = DecisionForm()
    if not form.validate_on_submit():
        return page(reference, form), 422
    granted = form.granted.data == "yes"
    decide_change(
        reference,
        granted=granted,
        reason=form.in_words(),
        seen=form.seen.data,
        by=actor().by,
        now=clock.now(),
        address=request.remote_addr or "",
    )
    return redirect(url_for("changes.change", reference=reference), 303)


@blueprint.post("/changes/<reference>/revocation")
@guard(DECIDE_CHANGES)
@confirmed
def revoke(reference: str) -> Response:
    """What was granted for a later day."""
    form = RevocationForm()
    form.validate_on_submit()
    revoke_change(
        reference,
        reason=form.reason.data or "",
        seen=form.seen.data or "",
        by=actor().by,
        now=clock.now(),
        address=request.remote_addr or "",
    )
    return redirect(url_for("changes.change", reference=reference), 303)


@blueprint.errorhandler(NotAllowed)
def write_attempt_down(refusal: NotAllowed) -> Any:
    """Whoever has no right to decide is stopped before the verb sees it, and stands in the trail all the same."""
    person = actor_or_none()
    if request.endpoint in ("changes.decide", "changes.revoke") and person is not None and not person.may(DECIDE_CHANGES):
        reference = (request.view_args or {}).get("reference", "")
        note_attempt(reference, refusal, granted=None, by=person.by, now=clock.now(), address=request.remote_addr or "")
    return refusals.answer(refusal)


@blueprint.post("/changes/<reference>/withdrawal")
@guard(ASK_CHANGES)
def withdraw(reference: str) -> Response:
    with db.transaction() as session:
        withdraw_change(session, reference, by=actor().by, now=clock.now())
    return redirect(url_for("changes.change", reference=reference), 303)


@blueprint.get("/changes/<reference>/form")
@guard(SEE_CHANGES)
def form(reference: str) -> Response:
    """Filled in, to be signed; its code brings it back to this request."""
    with db.reading() as session:
        found = find_change(session, reference, agent=actor().agent)
        return paper(print_change_form(session, found, sees_private=sees_private(), now=clock.now()), f"form-{found.reference}")


@blueprint.post("/changes/<reference>/papers")
@guard(ASK_CHANGES)
def papers(reference: str) -> Response:
    """Those that are still missing, as many as were chosen."""
    files = {name: content for name in request.files if (content := upload(name))}
    if not files:
        raise Invalid(papers=N_("Choose at least one file."))
    add_papers(reference, files, agent=actor().agent, keys=part(Config).scan_keys, by=actor().by, now=clock.now())
    return redirect(url_for("changes.change", reference=reference), 303)


@blueprint.post("/changes/<reference>/scans/<which>")
@guard(SEE_CHANGES)
def scan(reference: str, which: str) -> Response | str:
    """A picture on the page, a PDF as a download; either way it is written down who looked, when and why (C-08)."""
    with db.transaction() as session:
        opened = see_paper(
            session,
            reference,
            which,
            agent=actor().agent,
            may_decide=actor().may(DECIDE_CHANGES),
            reason=ScanForm().reason.data,
            keys=part(Config).scan_keys,
            by=actor().by,
            now=clock.now(),
        )
    if opened.media_type != "image/jpeg":
        return download(opened.content, opened.media_type, opened.file_name)
    return page(reference, DecisionForm(formdata=None), picture=(which, base64.b64encode(opened.content).decode()))


@blueprint.get("/changes/<reference>/final-statement")
@guard(SEE_CHANGES)
def final_statement(reference: str) -> Response:
    """Numbered; each one after the first says which copy it is."""
    with db.transaction() as session:
        found = find_change(session, reference, agent=actor().agent)
        issued = final_statement_of(session, found)
        return paper(print_final_statement(session, issued, by=actor().by, now=clock.now()), f"final-statement-{issued.number}")
