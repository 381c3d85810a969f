"""What a pending change adds to the record it would change; ``create_app`` fills the slots with it."""

from markupsafe import Markup

from app import clock, db
from app.agents.model import CLOSING, Agent
from app.bank.payouts.pay_out_agent import payouts_of
from app.bank.payouts.sent_back import sent_back
from app.changes.catalogue import KINDS
from app.changes.close_shop import termination_of
from app.changes.dossier import agent_file
from app.changes.kind import hidden
from app.changes.kinds import payout_again
from app.changes.queries import pending_about_agent, pending_about_person
from app.people.model import Person
from app.people.permissions import ASK_CHANGES, SEE_CHANGES
from app.web.actor import actor
from app.web.slots import drawn, fill

WHILE_CLOSING = ("agent-information", "manual-posting", "manual-posting-reversal")


def install() -> None:
    fill("on-agent", on_agent)
    fill("beside-person", beside_person)
    fill("on-persons", on_persons)
    fill("above-agents", above_agents)


def on_agent(agent: Agent) -> Markup:
    """What is asked for about this shop, and what may be asked for."""
    with db.reading() as session:
        pending, file = pending_about_agent(session, agent.number, asker=actor().agent), agent_file(session, agent, now=clock.now())
        ending, payouts = termination_of(session, agent.number), payouts_of(session, agent.number)
        back = sent_back(session, agent.number)
    return drawn(
        "changes/_on_agent.html",
        agent=agent,
        pending=pending,
        kinds=KINDS,
        to_ask=to_ask(agent.state) if agent.state != "closed" else [],
        file=file,
        ending=ending,
        payouts=payouts,
        iban_of=lambda payout: payout.to_iban if actor().may(ASK_CHANGES) else hidden(payout.to_iban),
        back=back,
        may_pay_again=actor().may(ASK_CHANGES) and actor().role in KINDS[payout_again.NAME].asked_by,
    )


def above_agents() -> Markup:
    """The way to take a shop on."""
    kinds = [kind for kind in KINDS.values() if not kind.has_agent and actor().may(ASK_CHANGES) and actor().role in kind.asked_by]
    return drawn("changes/_above_agents.html", to_ask=kinds)


def on_persons() -> Markup:
    """On the owner's own page of persons."""
    number = actor().agent
    with db.reading() as session:
        pending = pending_about_agent(session, number, asker=number) if number else ()
    return drawn("changes/_on_agent.html", agent=None, pending=pending, kinds=KINDS, to_ask=to_ask())


def to_ask(state: str = "") -> list[object]:
    """About a shop that is there. :param state: of it; nobody is offered to make it what it is, nor what makes no sense while it closes"""
    if not actor().may(ASK_CHANGES):
        return []
    mine = [kind for kind in KINDS.values() if actor().role in kind.asked_by and kind.person != "one" and kind.has_agent]
    offered = [kind for kind in mine if not kind.for_closed and (not state or kind.fixed.get("state") != state)]
    return [kind for kind in offered if state != CLOSING or kind.name in WHILE_CLOSING]


def beside_person(person: Person) -> Markup:
    """What is asked for about somebody, and the way to ask for the removal."""
    if not actor().may(SEE_CHANGES):
        return Markup("")
    with db.reading() as session:
        pending = pending_about_person(session, person.id)
    may_ask = actor().may(ASK_CHANGES) and actor().role in KINDS["person-remove"].asked_by
    return drawn("changes/_beside_person.html", person=person, pending=pending, kinds=KINDS, may_ask=may_ask)
