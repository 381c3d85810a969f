"""``/sessions``: where a person is signed in, for that person, the shop's owner and support."""

from flask import Blueprint, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from app import clock, db
from app.people.forms import DeviceNoticeForm
from app.people.list_sessions import choose_device_notice, end_session, end_sessions, sessions_of, visible_person
from app.people.model import Person
from app.people.permissions import END_SESSIONS
from app.web.actor import actor
from app.web.guards import guard, signed_in

blueprint = Blueprint("sessions", __name__, template_folder="templates")


@blueprint.get("/sessions")
@signed_in
def own() -> str:
    return page(actor().person)


@blueprint.get("/persons/<number:number>/sessions")
@guard(END_SESSIONS)
def of_person(number: int) -> str:
    return page(number)


def page(number: int) -> str:
    reader, now = actor(), clock.now()
    with db.reading() as session:
        person = visible_person(session, number, reader)
        found = sessions_of(session, person, this=reader.session, now=now)
    is_own = person.id == reader.person
    notice = DeviceNoticeForm(formdata=None, channel=person.device_notice) if is_own and person.email else None
    return render_template("people/sessions.html", login=person, is_own=is_own, sessions=found, notice=notice)


@blueprint.post("/sessions/<number:number>/end")
@signed_in
def end(number: int) -> Response:
    with db.transaction() as session:
        person = end_session(session, number, by=actor(), address=request.remote_addr or "", now=clock.now())
    return back_to(person)


@blueprint.post("/sessions/others/end")
@signed_in
def end_others() -> Response:
    with db.transaction() as session:
        person = end_sessions(session, actor().person, by=actor(), address=request.remote_addr or "", now=clock.now())
    return back_to(person)


@blueprint.post("/persons/<number:number>/sessions/end")
@guard(END_SESSIONS)
def end_all(number: int) -> Response:
    with db.transaction() as session:
        person = end_sessions(session, number, by=actor(), address=request.remote_addr or "", now=clock.now())
    return back_to(person)


def back_to(person: Person) -> Response:
    is_own = person.id == actor().person
    return redirect(url_for("sessions.own") if is_own else url_for("sessions.of_person", number=person.id), 303)


@blueprint.post("/sessions/notice")
@signed_in
def choose_notice() -> Response:
    form = DeviceNoticeForm()
    if form.validate_on_submit():
        with db.transaction() as session:
            choose_device_notice(session, actor().person, channel=form.channel.data, now=clock.now())
    return redirect(url_for("sessions.own"), 303)
