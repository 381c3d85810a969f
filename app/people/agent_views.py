"""Shops and their people, as the institution sees them; an owner sees the own shop's people."""

from flask import Blueprint, render_template, request
from sqlalchemy import select

from app import db
from app.agents.queries import find_agent, search_agents
from app.ledger import book
from app.ledger.chart import agent_account
from app.people.model import Person
from app.people.permissions import SEE_AGENTS, SEE_OWN_STATEMENT
from app.web.actor import shop
from app.web.guards import guard

blueprint = Blueprint("agents", __name__, template_folder="templates")


@blueprint.get("/agents")
@guard(SEE_AGENTS)
def agents() -> str:
    words = request.args.get("words", "")[:100]
    with db.reading() as session:
        found = search_agents(session, words)
    return render_template("people/agents.html", agents=found, words=words)


@blueprint.get("/agents/<number>")
@guard(SEE_AGENTS)
def agent(number: str) -> str:
    with db.reading() as session:
        found = find_agent(session, number)
        balance = book.balance(session, agent_account(number))
        people = session.scalars(select(Person).filter_by(agent=number, removed_at=None).order_by(Person.id)).all()
    return render_template("people/agent.html", agent=found, balance=balance, people=people)


@blueprint.get("/persons")
@guard(SEE_OWN_STATEMENT)
def persons() -> str:
    with db.reading() as session:
        people = session.scalars(select(Person).filter_by(agent=shop(), removed_at=None).order_by(Person.id)).all()
    return render_template("people/persons.html", people=people)
