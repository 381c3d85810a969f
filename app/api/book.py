"""The agent's own money, and the public truth for accountants and auditors."""

from typing import Any

from flask import Response, jsonify
from sqlalchemy import select

from app import db
from app.agents.statement import PAGE, statement
from app.api.parsing import Blueprint
from app.api.schemas import AtQuery, BalanceOut, Window
from app.api.times import moment, stamp
from app.collections.queries import money_in_transit
from app.errors import N_, Invalid
from app.ledger import book
from app.ledger.chart import agent_account
from app.ledger.model import Posting
from app.people.permissions import SEE_BOOK, SEE_OWN_BALANCE, SEE_OWN_STATEMENT
from app.web.actor import shop
from app.web.guards import guard

blueprint = Blueprint("api-book", __name__, url_prefix="/api/v1", description="Balance, statement, trial balance, journal")


@blueprint.route("/balance", methods=["GET"])
@guard(SEE_OWN_BALANCE)
@blueprint.response(200, BalanceOut)
def balance() -> dict[str, Any]:
    """What this shop may still pay with."""
    agent = shop()
    with db.reading() as session:
        found = book.balance(session, agent_account(agent))
        pending = money_in_transit(session, agent, found.balance.currency)
    return {
        "agent": agent,
        "currency": found.balance.currency,
        "balance": found.balance.minor,
        "pending": pending.minor,
        "credit_limit": found.credit_limit.minor,
        "available": found.available.minor,
        "blocked": found.blocked,
    }


@blueprint.route("/statement", methods=["GET"])
@guard(SEE_OWN_STATEMENT)
@blueprint.arguments(Window(), location="query")
@blueprint.response(200)
def own_statement(query: dict[str, str]) -> Response:
    """The agent's moves with running balance, the newest first."""
    with db.reading() as session:
        lines = statement(
            session,
            shop(),
            since=moment(query.get("since"), "from"),
            until=moment(query.get("until"), "to", end=True),
            cursor=number(query.get("cursor")),
        )
    items = [
        {
            "id": line.id,
            "at": stamp(line.at),
            "event": line.event,
            "about": line.about,
            "amount": line.amount.minor,
            "balance": line.balance.minor,
            "currency": line.amount.currency,
        }
        for line in lines
    ]
    return jsonify({"items": items, "next": str(lines[-1].id) if len(lines) == PAGE else None})


@blueprint.route("/trial-balance", methods=["GET"])
@guard(SEE_BOOK)
@blueprint.arguments(AtQuery(), location="query")
@blueprint.response(200)
def trial_balance(query: dict[str, str]) -> Response:
    """Every account, in − out; zero in each currency together."""
    with db.snapshot() as session:
        accounts = book.trial_balance(session, at=moment(query.get("at"), "at", end=True))
    items = [{"account": account, "currency": money.currency, "balance": money.minor} for account, money in accounts]
    return jsonify({"items": items, "next": None})


@blueprint.route("/journal", methods=["GET"])
@guard(SEE_BOOK)
@blueprint.arguments(Window(), location="query")
@blueprint.response(200)
def journal(query: dict[str, str]) -> Response:
    """Every posting, the oldest first."""
    wanted = select(Posting).order_by(Posting.id).limit(PAGE)
    if (since := moment(query.get("since"), "from")) is not None:
        wanted = wanted.where(Posting.at >= since)
    if (until := moment(query.get("until"), "to", end=True)) is not None:
        wanted = wanted.where(Posting.at < until)
    if (after := number(query.get("cursor"))) is not None:
        wanted = wanted.where(Posting.id > after)
    with db.reading() as session:
        postings = session.scalars(wanted).all()
    items = [
        {
            "id": posting.id,
            "event": posting.event,
            "about": posting.about,
            "source": posting.source,
            "target": posting.target,
            "amount": posting.amount,
            "currency": posting.currency,
            "at": stamp(posting.at),
            "by": posting.by,
        }
        for posting in postings
    ]
    return jsonify({"items": items, "next": str(postings[-1].id) if len(postings) == PAGE else None})


def number(cursor: str | None) -> int | None:
    if cursor is None:
        return None
    if not (cursor.isascii() and cursor.isdigit() and len(cursor) <= 18):
        raise Invalid(cursor=N_("This cursor was not given by us."))
    return int(cursor)
