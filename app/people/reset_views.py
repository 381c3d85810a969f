"""``/resets``: logins that support lets in anew, and the page on which their persons stop it."""

from flask import Blueprint, redirect, render_template, request, url_for
from sqlalchemy import select
from werkzeug.wrappers import Response

from app import clock, db
from app.errors import NotFound
from app.people.forms import ResetForm
from app.people.model import Person
from app.people.permissions import AGREE_RESETS, RESET_LOGINS
from app.people.queries import names, names_by
from app.people.reset_login import (
    CHECKS,
    WHAT,
    agree_to_reset,
    ask_reset,
    find_by_secret,
    living,
    open_resets,
    stop_reset,
    take_second_factor_away,
)
from app.people.second_person import is_the_asker
from app.people.sign_in_model import LoginReset, SecondFactor
from app.web.actor import actor
from app.web.guards import guard, public

blueprint = Blueprint("resets", __name__, template_folder="templates")


def stop_at(token: str) -> str:
    return url_for("resets.stop_page", token=token, _external=True)


@blueprint.get("/staff")
@guard(RESET_LOGINS)
def staff() -> str:
    """The institution's own people."""
    with db.reading() as session:
        people = session.scalars(select(Person).where(Person.agent.is_(None), Person.removed_at.is_(None)).order_by(Person.id)).all()
        enrolled = set(session.scalars(select(SecondFactor.person_id).where(SecondFactor.confirmed_at.is_not(None))))
    return render_template("people/staff.html", people=people, enrolled=enrolled)


@blueprint.get("/persons/<number:number>/reset")
@guard(RESET_LOGINS)
def ask_page(number: int) -> str:
    return page(number, ResetForm(formdata=None))


def page(number: int, form: ResetForm) -> str:
    with db.reading() as session:
        person = living(session, number)
        has_factor = session.get(SecondFactor, number) is not None
    return render_template("people/reset.html", login=person, has_factor=has_factor, form=form)


@blueprint.post("/persons/<number:number>/reset")
@guard(RESET_LOGINS)
def ask(number: int) -> Response | tuple[str, int]:
    form = ResetForm()
    if not form.validate_on_submit():
        return page(number, form), 422
    what, checked, note = form.what.data, form.checked.data or [], form.note.data
    with db.transaction() as session:
        ask_reset(session, number, what=what, checked=checked, note=note, by=actor().by, stop_at=stop_at, now=clock.now())
    return redirect(url_for("resets.resets"), 303)


@blueprint.get("/resets")
@guard(RESET_LOGINS)
def resets() -> str:
    reader, now = actor(), clock.now()
    with db.reading() as session:
        found = session.scalars(open_resets()).all()
        own = {one.id for one in found if is_the_asker(session, one.asked_by, reader.by, now=now) or one.person_id == reader.person}
        whose, people = names(session, (one.person_id for one in found)), names_by(session, (one.asked_by for one in found))
    return render_template("people/resets.html", resets=found, own=own, whose=whose, names=people, checks=CHECKS, what=WHAT, now=now)


@blueprint.post("/resets/<number:number>/agreement")
@guard(AGREE_RESETS)
def agree(number: int) -> Response:
    with db.transaction() as session:
        agree_to_reset(session, number, by=actor().by, stop_at=stop_at, now=clock.now())
    return redirect(url_for("resets.resets"), 303)


@blueprint.post("/resets/<number:number>/end")
@guard(RESET_LOGINS)
def stop(number: int) -> Response:
    with db.transaction() as session:
        reset = session.get(LoginReset, number)
        if reset is None:
            raise NotFound
        stop_reset(session, reset, by=actor().by, address=request.remote_addr or "", now=clock.now())
    return redirect(url_for("resets.resets"), 303)


@blueprint.post("/resets/<number:number>/second-factor")
@guard(RESET_LOGINS)
def take_away(number: int) -> Response:
    with db.transaction() as session:
        take_second_factor_away(session, number, by=actor().by, now=clock.now())
    return redirect(url_for("resets.resets"), 303)


@blueprint.get("/resets/stop/<token>")
@public
def stop_page(token: str) -> str:
    """Programs that look into mails open links, too: only the button stops it."""
    with db.reading() as session:
        reset = find_by_secret(session, token)
    is_over = reset.stopped_at is not None or reset.done_at is not None
    return render_template("people/stop_reset.html", token=token, is_over=is_over, stopped=reset.stopped_at is not None)


@blueprint.post("/resets/stop/<token>")
@public
def stop_by_reader(token: str) -> Response:
    with db.transaction() as session:
        stop_reset(session, find_by_secret(session, token), by="notice", address=request.remote_addr or "", now=clock.now())
    return redirect(url_for("resets.stop_page", token=token), 303)
