"""Every payment asked for in these days, whatever became of it."""

from app.agents.model import Agent
from app.collections import queries
from app.collections.model import Payment, State
from app.errors import N_
from app.people.model import Person
from app.people.permissions import SEE_REPORTS
from app.reports.filters import Filter
from app.reports.report import DATETIME, MONEY, TEXT, Column, Report, Rows

STATES: dict[str, str] = {
    State.PENDING: N_("Pending"),
    State.PAID: N_("Paid"),
    State.REFUSED: N_("Refused"),
    State.CANCELLED: N_("Cancelled"),
}


def payments_between(wanted: Filter) -> Rows:
    """By reference, which is the order of time to a tenth of a second. Names are outer joins: no payment is lost for want of one."""
    matching = queries.matching(
        queries.Filter(agent=wanted.agent, since=wanted.since, until=wanted.until, state=wanted.state, biller=wanted.biller)
    )
    return (
        matching.outerjoin(Agent, Agent.number == Payment.agent)
        .outerjoin(Person, Person.id == Payment.person_id)
        .with_only_columns(
            Payment.asked_at,
            Payment.reference,
            Payment.agent,
            Agent.name.label("agent_name"),
            Person.name.label("person"),
            Payment.biller,
            Payment.subscriber,
            Payment.facts["number"].astext.label("bill"),
            Payment.amount,
            Payment.fee,
            Payment.share,
            Payment.currency,
            Payment.state,
            Payment.settled_at,
            Payment.biller_reference,
        )
        .order_by(Payment.reference)
    )


PAYMENTS = Report(
    name="payments",
    title=N_("Payments"),
    permission=SEE_REPORTS,
    rows=payments_between,
    filters=("agent", "biller", "state"),
    states=STATES,
    columns=(
        Column(N_("Asked at"), DATETIME),
        Column(N_("Reference"), TEXT),
        Column(N_("Agent"), TEXT),
        Column(N_("Agent's name"), TEXT),
        Column(N_("Person"), TEXT),
        Column(N_("Biller"), TEXT),
        Column(N_("Subscriber"), TEXT),
        Column(N_("Bill"), TEXT),
        Column(N_("Amount"), MONEY, total=True),
        Column(N_("Fee"), MONEY, total=True),
        Column(N_("Agent's share"), MONEY, total=True),
        Column(N_("Currency"), TEXT),
        Column(N_("State"), TEXT, words=STATES),
        Column(N_("Settled at"), DATETIME),
        Column(N_("Biller's reference"), TEXT),
    ),
)
