"""``/papers``: drop any signed paper; its code finds the request by itself, or the page asks."""

from flask import Blueprint, flash, redirect, render_template, url_for
from sqlalchemy.orm import Session
from werkzeug.wrappers import Response

from app import clock, db
from app.changes.catalogue import KINDS
from app.changes.queries import find_change
from app.config import Config
from app.documents.clean_scan import UnsuitableScan
from app.errors import N_, Invalid, NotFound
from app.intake.bring_paper import Brought, bring_paper
from app.intake.file_papers import is_payment
from app.intake.forms import AttachForm, BringForm
from app.intake.model import COUNTER, Intake
from app.intake.queries import find_intake
from app.intake.sort_intake import attach_paper
from app.intake.words import DOUBTS
from app.people.permissions import ASK_CANCELLATION, SEE_CHANGES
from app.web.actor import actor
from app.web.files import upload
from app.web.guards import guard
from app.web.language import _, language
from app.web.parts import part

blueprint = Blueprint("papers", __name__, template_folder="templates")


@blueprint.get("/papers")
@guard(ASK_CANCELLATION)
def drop() -> str:
    return render_template("intake/drop.html", form=BringForm(), errors=[])


@blueprint.post("/papers")
@guard(ASK_CANCELLATION)
def bring() -> Response | tuple[str, int]:
    form = BringForm()
    content = upload("photo") or upload("file") if form.validate_on_submit() else b""
    if not content:
        return render_template("intake/drop.html", form=form, errors=[N_("Take a photo of the paper, or choose a file.")]), 422
    brought = Brought(content, form.reference.data.strip(), actor().agent, actor().by, language())
    try:
        intake = bring_paper(brought, keys=part(Config).scan_keys, now=clock.now())
    except UnsuitableScan as unsuitable:
        return render_template("intake/drop.html", form=form, errors=[unsuitable.say]), 422
    return onward(intake)


def onward(intake: Intake) -> Response:
    """To where it was filed, or to the question where it belongs."""
    if intake.reference and is_payment(intake.reference) and intake.doubt == "cancellation":
        flash(_(N_("The paper belongs to payment {reference}.")).format(reference=intake.reference))
        return redirect(url_for("intake_payments.complete", reference=intake.reference), 303)
    if intake.outcome is None:
        return redirect(url_for("papers.ask", number=intake.id), 303)
    flash(_(N_("The paper was filed to {reference}.")).format(reference=intake.reference))
    return redirect(url_for("changes.change", reference=intake.reference), 303)


@blueprint.get("/papers/<number:number>")
@guard(ASK_CANCELLATION)
def ask(number: int) -> str:
    return asking(number, AttachForm(formdata=None))


def asking(number: int, form: AttachForm) -> str:
    """:raises NotFound: …"""
    with db.reading() as session:
        intake = brought(session, number)
        change = find_change(session, intake.reference, agent=actor().agent) if is_change(intake) and actor().may(SEE_CHANGES) else None
    form.reference.data = form.reference.data or intake.reference
    kind = KINDS[change.kind] if change else None
    return render_template("intake/ask.html", intake=intake, form=form, doubts=DOUBTS, change=change, kind=kind)


def brought(session: Session, number: int) -> Intake:
    """
    What the asker's shop brought; of the institution's own people everybody's own. The rest is sorted at ``/intake``, by who does not
    decide about it afterwards (C-03, C18).

    :raises NotFound: of anything else
    """
    intake, person = find_intake(session, number), actor()
    is_own = intake.brought_by == person.by if person.agent is None else intake.agent == person.agent
    if intake.channel != COUNTER or not is_own:
        raise NotFound
    return intake


def is_change(intake: Intake) -> bool:
    return bool(intake.reference) and not is_payment(intake.reference)


@blueprint.post("/papers/<number:number>")
@guard(ASK_CANCELLATION)
def name(number: int) -> Response | tuple[str, int]:
    form = AttachForm()
    form.validate_on_submit()
    try:
        with db.transaction() as session:
            intake = attach_paper(
                session,
                brought(session, number).id,
                1,
                reference=form.reference.data,
                which=form.which.data or "",
                agent=actor().agent,
                by=actor().by,
                now=clock.now(),
            )
    except Invalid as invalid:
        for field, sentence in invalid.errors.items():
            form[field if field in form else "which"].errors = [sentence]
        return asking(number, form), 422
    return onward(intake)
