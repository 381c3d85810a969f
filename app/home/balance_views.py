"""``/balance``: what the shop may pay with; its owner also sees every move."""

from flask import Blueprint, render_template

from app import db
from app.agents.statement import PAGE, statement
from app.collections.queries import money_in_transit
from app.ledger import book
from app.ledger.chart import agent_account
from app.people.permissions import SEE_OWN_BALANCE, SEE_OWN_STATEMENT
from app.web.actor import actor, shop
from app.web.guards import guard
from app.web.inputs import read_cursor

blueprint = Blueprint("balance", __name__, template_folder="templates")


@blueprint.get("/balance")
@guard(SEE_OWN_BALANCE)
def balance() -> str:
    agent, cursor = shop(), read_cursor()
    with db.reading() as session:
        found = book.balance(session, agent_account(agent))
        held = money_in_transit(session, agent, found.balance.currency)
        lines = statement(session, agent, cursor=cursor) if actor().may(SEE_OWN_STATEMENT) else ()
    return render_template("home/balance.html", balance=found, held=held, lines=lines, more=len(lines) == PAGE)
