"""``/`` and the pages that say whether the system is well."""

from datetime import timedelta

from flask import Blueprint, Response, redirect, render_template, url_for
from markupsafe import Markup
from sqlalchemy import text
from werkzeug.wrappers import Response as BaseResponse

from app import clock, db, migrate
from app.billers.queries import all_billers, billers_of
from app.collections import queries
from app.config import Config
from app.errors import Refusal
from app.home.contact import NEEDS_A_PERSON, contact_of
from app.home.help import ANSWERS
from app.home.queues import QUEUES
from app.ledger import book
from app.ledger.chart import agent_account
from app.markets import INSTITUTION
from app.people.permissions import LOOK_UP_BILLS, PAY
from app.web.actor import Actor, actor, actor_or_none
from app.web.guards import public, signed_in
from app.web.language import _
from app.web.parts import part
from app.web.slots import drawn, fill

blueprint = Blueprint("home", __name__, template_folder="templates")

LAST_PAYMENTS = 5


def install() -> None:
    fill("whom-to-call", whom_to_call)


def whom_to_call(refusal: Refusal) -> Markup:
    """Where a person may be needed; who is not signed in is shown the institution's own."""
    if refusal.name() not in NEEDS_A_PERSON:
        return Markup("")
    person = actor_or_none()
    contact = contact_of(part(Config), person.market if person else INSTITUTION)
    return drawn("home/_contact.html", contact=contact) if contact else Markup("")


@blueprint.get("/")
@signed_in
def first_page() -> str | BaseResponse:
    person = actor()
    if person.agent and not person.may(PAY):
        return redirect(url_for("balance.balance"))  # a shop that closes has no counter any more
    return counter(person, str(person.agent)) if person.may(PAY) else work_queues(person)


def counter(person: Actor, agent: str) -> str:
    with db.reading() as session:
        last = queries.list_payments(session, queries.Filter(agent=agent), limit=LAST_PAYMENTS)
        owed = queries.cash_to_return(session, agent)
        balance = book.balance(session, agent_account(agent))
        held = queries.money_in_transit(session, agent, person.market.currency)
    return render_template("home/counter.html", billers=billers_of(person.market), last=last, owed=owed, balance=balance, held=held)


def work_queues(person: Actor) -> str:
    now = clock.now()
    with db.reading() as session:
        waiting = [
            (queue, *queue.count(session), queue.minutes_left(session, now) if queue.minutes_left else None)
            for queue in QUEUES
            if person.may(queue.permission)
        ]
    rows = [
        (_(queue.title), url_for(queue.endpoint, **queue.arguments), count, now - since if since else timedelta(), left)
        for queue, count, since, left in waiting
    ]
    return render_template("home/queues.html", rows=rows, billers=all_billers() if person.may(LOOK_UP_BILLS) else [])


@blueprint.get("/help")
@signed_in
def help_page() -> str:
    return render_template("home/help.html", answers=ANSWERS, contact=contact_of(part(Config), actor().market))


@blueprint.get("/healthz")
@public
def alive() -> Response:
    return Response("ok\n", mimetype="text/plain")


@blueprint.get("/readyz")
@public
def ready() -> Response:
    """200 when the database answers and has every migration, else 503."""
    config = part(Config)
    with db.reading() as session:
        session.execute(text("SELECT 1"))
    missing = migrate.pending(config.database_url)
    return Response(f"migrations missing: {', '.join(missing)}\n" if missing else "ready\n", 503 if missing else 200, mimetype="text/plain")
