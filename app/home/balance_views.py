"""``/balance``: what the shop may pay with; its owner also sees every move."""

from flask import Blueprint, render_template, request

from app import db
from app.agents.statement import PAGE, statement
from app.collections.queries import money_in_transit
from app.errors import N_, Invalid
from app.ledger import book
from app.ledger.chart import agent_account
from app.people.permissions import SEE_OWN_BALANCE, SEE_OWN_STATEMENT
from app.web.actor import actor, shop
from app.web.guards import guard

blueprint = Blueprint("balance", __name__, template_folder="templates")

LONGEST_CURSOR = 18


@blueprint.get("/balance")
@guard(SEE_OWN_BALANCE)
def balance() -> str:
    agent, cursor = shop(), request.args.get("cursor", "")
    if cursor and not (cursor.isascii() and cursor.isdigit() and len(cursor) <= LONGEST_CURSOR):
        raise Invalid(cursor=N_("This cursor was not given by us."))
    with db.reading() as session:
        found = book.balance(session, agent_account(agent))
        held = money_in_transit(session, agent, found.balance.currency)
        lines = statement(session, agent, cursor=int(cursor) if cursor else None) if actor().may(SEE_OWN_STATEMENT) else ()
    return render_template("home/balance.html", balance=found, held=held, lines=lines, more=len(lines) == PAGE)
