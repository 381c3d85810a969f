"""``/announcements``: what there is to read; who publishes sees who has read it and who has not."""

from typing import Any

from flask import Blueprint, Response, g, redirect, render_template, request, url_for
from markupsafe import Markup
from werkzeug.wrappers import Response as AnyResponse

from app import clock, db
from app.announcements.model import Announcement
from app.announcements.note_reading import note_reading
from app.announcements.publish import LONGEST_BODY, LONGEST_TITLE, Draft, end, publish
from app.announcements.queries import counts, everything, files_of, find, in_words, readers, shown, unread
from app.errors import N_, Invalid, NotFound
from app.languages import NAMES
from app.markets import MARKETS
from app.people.permissions import PUBLISH_ANNOUNCEMENTS, ROLES
from app.web.actor import Actor, actor, actor_or_none
from app.web.files import download
from app.web.guards import guard, signed_in
from app.web.inputs import read_day
from app.web.language import language
from app.web.slots import drawn, fill

blueprint = Blueprint("announcements", __name__, template_folder="templates")

ROLE_WORDS = {
    "cashier": N_("Cashier"),
    "owner": N_("Owner"),
    "support": N_("Support"),
    "operator": N_("Operator"),
    "approver": N_("Approver"),
    "accountant": N_("Accountant"),
    "auditor": N_("Auditor"),
}
ENDINGS = {"application/pdf": ".pdf", "image/jpeg": ".jpg"}


def install() -> None:
    fill("menu-badge", badge)
    fill("top-of-page", banner)


def badge(endpoint: str) -> Markup:
    """How many are unread, beside the menu's word."""
    person = actor_or_none()
    if endpoint != "announcements.announcements" or person is None:
        return Markup("")
    return drawn("announcements/_badge.html", count=len(unread_now(person)))


def unread_now(person: Actor) -> list[Announcement]:
    """Asked once for a page, by badge and banner."""
    if "unread_announcements" not in g:
        with db.reading() as session:
            g.unread_announcements = unread(session, person, today=clock.today(person.market.zone))
    found: list[Announcement] = g.unread_announcements
    return found


def banner() -> Markup:
    """What is urgent and unread, on every page."""
    person = actor_or_none()
    if person is None or "HX-Request" in request.headers or request.endpoint == "announcements.announcement":
        return Markup("")
    urgent = [one for one in unread_now(person) if one.urgent]
    if not urgent:
        return Markup("")
    with db.reading() as session:
        told = in_words(session, urgent, language=language(), market=person.market)
    return drawn("announcements/_banner.html", urgent=told)


@blueprint.get("/announcements")
@signed_in
def announcements() -> str:
    person = actor()
    publishes, today = person.may(PUBLISH_ANNOUNCEMENTS), clock.today(person.market.zone)
    with db.reading() as session:
        found = everything(session) if publishes else shown(person.market.code, person.role, today)
        waiting = {one.id for one in unread(session, person, today=today)}
        told = in_words(session, found, language=language(), market=person.market)
        read = {one.id: counts(session, one) for one in found} if publishes else {}
    return render_template("announcements/announcements.html", told=told, unread=waiting, counts=read, publishes=publishes)


@blueprint.get("/announcements/<number:number>")
@signed_in
def announcement(number: int) -> str:
    person = actor()
    with db.reading() as session:
        found = find(session, number, person, today=clock.today(person.market.zone))
        (told,) = in_words(session, [found], language=language(), market=person.market)
        files = files_of(session, number)
        is_unread = number in {one.id for one in unread(session, person, today=clock.today(person.market.zone))}
    return render_template(
        "announcements/announcement.html",
        told=told,
        files=files,
        is_unread=is_unread,
        publishes=person.may(PUBLISH_ANNOUNCEMENTS),
        role_words=ROLE_WORDS,
    )


@blueprint.post("/announcements/<number:number>/reading")
@signed_in
def read(number: int) -> AnyResponse:
    with db.transaction() as session:
        note_reading(session, number, person=actor(), now=clock.now())
    return redirect(url_for("announcements.announcements"), 303)


@blueprint.get("/announcements/<number:number>/files/<file>")
@signed_in
def file(number: int, file: str) -> Response:
    """A download without any rights, whatever is in it (C11)."""
    with db.reading() as session:
        find(session, number, actor(), today=clock.today(actor().market.zone))
        found = next((one for one in files_of(session, number) if str(one.id) == file), None)
        if found is None:
            raise NotFound
        return download(found.content, found.media_type, f"gise-{number}-{file}{ENDINGS[found.media_type]}")


@blueprint.get("/announcements/new")
@guard(PUBLISH_ANNOUNCEMENTS)
def new() -> str:
    return new_page({"first_day": clock.today(actor().market.zone).isoformat()}, ["cashier", "owner"], {})


def new_page(typed: dict[str, Any], roles: list[str], errors: dict[str, str]) -> str:
    return render_template(
        "announcements/new.html",
        typed=typed,
        roles=roles,
        errors=errors,
        markets=MARKETS,
        role_words=ROLE_WORDS,
        languages=NAMES,
        longest_title=LONGEST_TITLE,
        longest_body=LONGEST_BODY,
    )


@blueprint.post("/announcements")
@guard(PUBLISH_ANNOUNCEMENTS)
def publish_it() -> AnyResponse | tuple[str, int]:
    try:
        draft = read_draft()
        with db.transaction() as session:
            number = publish(session, draft, by=actor().by, now=clock.now()).id
    except Invalid as refusal:
        return new_page(request.form.to_dict(), request.form.getlist("roles"), refusal.errors), 422
    return redirect(url_for("announcements.announcement", number=number), 303)


def read_draft() -> Draft:
    """:raises Invalid: if a day cannot be read"""
    form = request.form
    first_day = read_day("first_day")
    if first_day is None:
        raise Invalid(first_day=N_("A day such as 2026-10-31 is needed."))
    return Draft(
        market=form.get("market", ""),
        roles=[role for role in form.getlist("roles") if role in ROLES],
        urgent="urgent" in form,
        first_day=first_day,
        last_day=read_day("last_day"),
        words={tongue: (form.get(f"title-{tongue}", ""), form.get(f"body-{tongue}", "").replace("\r\n", "\n")) for tongue in NAMES},
        files=[(file.filename or "", file.read()) for file in request.files.getlist("files") if file.filename],
    )


@blueprint.post("/announcements/<number:number>/end")
@guard(PUBLISH_ANNOUNCEMENTS)
def end_it(number: int) -> AnyResponse:
    with db.transaction() as session:
        end(session, number, by=actor().by, now=clock.now())
    return redirect(url_for("announcements.announcements"), 303)


@blueprint.get("/announcements/<number:number>/readers")
@guard(PUBLISH_ANNOUNCEMENTS)
def who_has_read(number: int) -> str:
    person = actor()
    with db.reading() as session:
        found = find(session, number, person, today=clock.today(person.market.zone))
        (told,) = in_words(session, [found], language=language(), market=person.market)
        read, total = counts(session, found)
        people = readers(session, found)
    return render_template("announcements/readers.html", told=told, read=read, total=total, people=people, role_words=ROLE_WORDS)
