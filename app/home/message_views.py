"""``/messages``: SMS and mails that were given up, until somebody has looked at each or has it sent again."""

from typing import Any

from flask import Blueprint, redirect, render_template, url_for
from sqlalchemy.orm import Session
from werkzeug.wrappers import Response

from app import clock, db, phones
from app.errors import NotFound
from app.notifications import addresses
from app.notifications.model import Message
from app.notifications.note_seen import note_seen
from app.notifications.queries import list_given_up
from app.notifications.send_again import send_again
from app.people.permissions import RESOLVE_PAYMENTS, SEE_EXCEPTIONS
from app.web.actor import actor
from app.web.guards import guard

blueprint = Blueprint("messages", __name__, template_folder="templates")


@blueprint.get("/messages")
@guard(SEE_EXCEPTIONS)
def given_up() -> str:
    with db.reading() as session:
        return render_template("home/messages.html", message=None, **left_side(session))


def left_side(session: Session) -> dict[str, Any]:
    now = clock.now()
    return {"rows": [(one, masked(one), now - one.given_up_at) for one in list_given_up(session) if one.given_up_at]}


def masked(message: Message) -> str:
    return phones.masked(message.recipient) if message.channel == "sms" else addresses.masked(message.recipient)


@blueprint.get("/messages/<number:number>")
@guard(SEE_EXCEPTIONS)
def message(number: int) -> str:
    """
    What is written in it is the recipient's matter and not shown.

    :raises NotFound: if it does not wait for anybody (any more)
    """
    with db.reading() as session:
        left = left_side(session)
    found = next(((one, recipient) for one, recipient, _age in left["rows"] if one.id == number), None)
    if found is None:
        raise NotFound
    one, recipient = found
    return render_template("home/messages.html", message=one, recipient=recipient, may_act=actor().may(RESOLVE_PAYMENTS), **left)


@blueprint.post("/messages/<number:number>/seen")
@guard(RESOLVE_PAYMENTS)
def seen(number: int) -> Response:
    with db.transaction() as session:
        note_seen(session, number, by=actor().by, now=clock.now())
    return redirect(url_for("messages.given_up"), 303)


@blueprint.post("/messages/<number:number>/sending")
@guard(RESOLVE_PAYMENTS)
def again(number: int) -> Response:
    with db.transaction() as session:
        send_again(session, number, by=actor().by, now=clock.now())
    return redirect(url_for("messages.given_up"), 303)
