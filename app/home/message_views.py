"""``/messages``: SMS and mails that were given up, until somebody has looked at each."""

from flask import Blueprint, redirect, render_template, url_for
from werkzeug.wrappers import Response

from app import clock, db, phones
from app.notifications import addresses
from app.notifications.model import Message
from app.notifications.note_seen import note_seen
from app.notifications.queries import list_given_up
from app.people.permissions import RESOLVE_PAYMENTS, SEE_EXCEPTIONS
from app.web.actor import actor
from app.web.guards import guard

blueprint = Blueprint("messages", __name__, template_folder="templates")


@blueprint.get("/messages")
@guard(SEE_EXCEPTIONS)
def given_up() -> str:
    now = clock.now()
    with db.reading() as session:
        rows = [(one, masked(one), now - one.given_up_at) for one in list_given_up(session) if one.given_up_at]
    return render_template("home/messages.html", rows=rows, may_note=actor().may(RESOLVE_PAYMENTS))


def masked(message: Message) -> str:
    return phones.masked(message.recipient) if message.channel == "sms" else addresses.masked(message.recipient)


@blueprint.post("/messages/<number:number>/seen")
@guard(RESOLVE_PAYMENTS)
def seen(number: int) -> Response:
    with db.transaction() as session:
        note_seen(session, number, by=actor().by, now=clock.now())
    return redirect(url_for("messages.given_up"), 303)
