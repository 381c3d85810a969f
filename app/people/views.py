"""Signing in and out, and the language of the pages."""

from flask import Blueprint, Request, redirect, render_template, request, session, url_for
from werkzeug.wrappers import Response

from app import audit, clock, db, languages
from app.config import Config
from app.people import sessions
from app.people.forms import LanguageForm, SignInForm
from app.people.model import Person
from app.people.sign_in import sign_in
from app.web import refusals
from app.web.actor import Actor, actor, actor_or_none
from app.web.guards import public, signed_in
from app.web.language import COOKIE as LANGUAGE_COOKIE
from app.web.parts import part

blueprint = Blueprint("people", __name__, template_folder="templates")
refusals.SHOWN_ON["people.begin_session"] = "people.sign_in_page"


def load_actor(asking: Request) -> Actor | None:
    """By bearer token for the API, by cookie for pages; never one for the other."""
    if asking.path.startswith("/api/"):
        scheme, _, token = asking.headers.get("Authorization", "").partition(" ")
        return sessions.find_actor(token.strip(), kind="api", now=clock.now()) if scheme.lower() == "bearer" and token else None
    token = asking.cookies.get(cookie_name(), "")
    return sessions.find_actor(token, kind="browser", now=clock.now()) if token else None


def cookie_name() -> str:
    return "__Host-gise" if is_production() else "gise"


def is_production() -> bool:
    config = part(Config)
    return config.is_production


@blueprint.get("/session")
@public
def sign_in_page() -> Response | str:
    if actor_or_none():
        return redirect(url_for("home.first_page"), 303)
    return render_template("people/sign_in.html", form=SignInForm())


@blueprint.post("/session")
@public
def begin_session() -> Response | tuple[str, int]:
    form = SignInForm()
    if not form.validate_on_submit():
        return render_template("people/sign_in.html", form=form), 422
    token, _person, _row = sign_in(form.phone.data, form.password.data, kind="browser", address=request.remote_addr or "", now=clock.now())
    session.clear()  # a new form secret for the new session
    response = redirect(url_for("home.first_page"), 303)
    response.set_cookie(cookie_name(), token, httponly=True, secure=is_production(), samesite="Lax", path="/")
    return response


@blueprint.post("/session/end")
@signed_in
def end_session() -> Response:
    person = actor()
    with db.transaction() as transaction:
        sessions.end(transaction, person.session, now=clock.now())
        audit.record(transaction, "session.ended", about=person.by, by=person.by, at=clock.now(), address=request.remote_addr or "")
    session.clear()
    response = redirect(url_for("people.sign_in_page", ended=1), 303)
    response.delete_cookie(cookie_name(), path="/", secure=is_production(), httponly=True, samesite="Lax")
    return response


@blueprint.post("/language")
@public
def choose_language() -> Response:
    form = LanguageForm()
    response = redirect(url_for("home.first_page"), 303)
    if form.validate_on_submit():
        person = actor_or_none()
        if person:
            with db.transaction() as transaction:
                transaction.get_one(Person, person.person).language = languages.supported(form.language.data)
        response.set_cookie(LANGUAGE_COOKIE, languages.supported(form.language.data), httponly=True, secure=is_production(), samesite="Lax")
    return response
