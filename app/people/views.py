"""Signing in and out, and the language of the pages."""

from flask import Blueprint, Request, redirect, render_template, request, session, url_for
from werkzeug.wrappers import Response

from app import audit, clock, db, languages
from app.config import Config
from app.people import sessions
from app.people.codes import Keys
from app.people.devices import LASTS, Visit
from app.people.forms import CodeForm, LanguageForm, SignInForm
from app.people.model import Person
from app.people.sign_in import Begun, SignInAgain, finish_sign_in, sign_in
from app.web import refusals
from app.web.actor import Actor, actor, actor_or_none
from app.web.guards import public, signed_in_to_enrol
from app.web.language import COOKIE as LANGUAGE_COOKIE
from app.web.parts import part

blueprint = Blueprint("people", __name__, template_folder="templates")
refusals.SHOWN_ON["people.begin_session"] = "people.sign_in_page"
refusals.SHOWN_ON["people.show_code"] = "people.code_page"
refusals.LEADS_TO[SignInAgain.name()] = "people.sign_in_page"

PENDING, DEVICE = "pending", "device"


def load_actor(asking: Request) -> Actor | None:
    """By bearer token for the API, by cookie for pages; never one for the other."""
    now, strict = clock.now(), is_production()
    if asking.path.startswith("/api/"):
        scheme, _, token = asking.headers.get("Authorization", "").partition(" ")
        is_bearer = scheme.lower() == "bearer" and bool(token)
        return sessions.find_actor(token.strip(), kind="api", now=now, staff_enrols=strict) if is_bearer else None
    token = asking.cookies.get(cookie_name(), "")
    return sessions.find_actor(token, kind="browser", now=now, staff_enrols=strict) if token else None


def cookie_name(what: str = "") -> str:
    """Of the session itself, or of ``what`` else this browser keeps."""
    return ("__Host-gise" if is_production() else "gise") + (f"_{what}" if what else "")


def is_production() -> bool:
    return part(Config).is_production


def keys() -> Keys:
    return Keys.of(part(Config))


def visit() -> Visit:
    """Who is there, as far as the connection and the browser say."""
    return Visit(request.remote_addr or "", request.headers.get("User-Agent", ""), request.cookies.get(cookie_name(DEVICE), ""))


def keep(response: Response, token: str, what: str = "") -> None:
    """In a cookie that scripts and other sites cannot read; only the browser's own mark outlives the browser."""
    lasts = LASTS if what == DEVICE else None
    response.set_cookie(cookie_name(what), token, max_age=lasts, httponly=True, secure=is_production(), samesite="Lax", path="/")


def drop(response: Response, what: str = "") -> None:
    response.delete_cookie(cookie_name(what), path="/", secure=is_production(), httponly=True, samesite="Lax")


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
    begun = sign_in(form.phone.data, form.password.data, kind="browser", visit=visit(), keys=keys(), now=clock.now())
    if begun.is_pending:
        response = redirect(url_for("people.code_page"), 303)
        keep(response, begun.token, PENDING)
        return response
    return come_in(begun)


def come_in(begun: Begun) -> Response:
    session.clear()  # a new form secret for the new session
    response = redirect(url_for("home.first_page"), 303)
    keep(response, begun.token)
    keep(response, begun.device, DEVICE)
    return response


@blueprint.get("/session/code")
@public
def code_page() -> Response | str:
    """The second step of signing in."""
    if not request.cookies.get(cookie_name(PENDING)):
        return redirect(url_for("home.first_page"), 303)
    return render_template("people/code.html", form=CodeForm())


@blueprint.post("/session/code")
@public
def show_code() -> Response | tuple[str, int]:
    form = CodeForm()
    if not form.validate_on_submit():
        return render_template("people/code.html", form=form), 422
    token = request.cookies.get(cookie_name(PENDING), "")
    response = come_in(finish_sign_in(token, form.code.data, visit=visit(), keys=keys(), now=clock.now()))
    drop(response, PENDING)
    return response


@blueprint.post("/session/end")
@signed_in_to_enrol
def end_session() -> Response:
    person = actor()
    with db.transaction() as transaction:
        sessions.end(transaction, person.session, now=clock.now())
        audit.record(transaction, "session.ended", about=person.by, by=person.by, at=clock.now(), address=request.remote_addr or "")
    session.clear()
    response = redirect(url_for("people.sign_in_page", ended=1), 303)
    drop(response)
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
