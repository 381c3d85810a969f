"""Every cancellation asked for in these days, whatever became of it."""

from sqlalchemy import func, select

from app.agents.model import Agent
from app.cancellations.model import Cancellation, State
from app.collections.model import Payment
from app.errors import N_
from app.people.model import Person
from app.people.permissions import SEE_REPORTS
from app.reports.filters import Filter
from app.reports.report import DATETIME, INTEGER, MONEY, TEXT, Column, Report, Rows

STATES: dict[str, str] = {
    State.ASKED: N_("Asked"),
    State.GRANTED: N_("Granted"),
    State.REPORTED: N_("Reported to the biller"),
    State.DONE: N_("Done"),
    State.DENIED: N_("Denied"),
    State.REFUSED: N_("Refused by the biller"),
    State.WITHDRAWN: N_("Withdrawn"),
}


def cancellations_between(wanted: Filter) -> Rows:
    """In the order they were asked for. Names are outer joins: no cancellation is lost for want of one."""
    question = (
        select(
            Cancellation.asked_at,
            Cancellation.id,
            Cancellation.payment,
            Cancellation.agent,
            Agent.name.label("agent_name"),
            Person.name.label("person"),
            Cancellation.biller,
            Payment.subscriber,
            Payment.amount,
            Payment.fee,
            Payment.currency,
            Cancellation.reason,
            Cancellation.state,
            Cancellation.decided_at,
            Cancellation.decision_reason,
            Cancellation.reported_at,
            Cancellation.answered_at,
            Cancellation.word,
        )
        .join(Payment, Payment.reference == Cancellation.payment)
        .outerjoin(Agent, Agent.number == Cancellation.agent)
        .outerjoin(Person, func.concat("person:", Person.id) == Cancellation.asked_by)
        .where(Cancellation.asked_at >= wanted.since, Cancellation.asked_at < wanted.until)
        .order_by(Cancellation.id)
    )
    for column, value in (
        (Cancellation.agent, wanted.agent),
        (Cancellation.biller, wanted.biller),
        (Cancellation.state, wanted.state),
    ):
        if value is not None:
            question = question.where(column == value)
    return question


CANCELLATIONS = Report(
    name="cancellations",
    title=N_("Cancellations"),
    permission=SEE_REPORTS,
    rows=cancellations_between,
    filters=("agent", "biller", "state"),
    states=STATES,
    columns=(
        Column(N_("Asked at"), DATETIME),
        Column(N_("No"), INTEGER),
        Column(N_("Payment"), TEXT),
        Column(N_("Agent"), TEXT),
        Column(N_("Agent's name"), TEXT),
        Column(N_("Person"), TEXT),
        Column(N_("Biller"), TEXT),
        Column(N_("Subscriber"), TEXT),
        Column(N_("Amount"), MONEY, total=True),
        Column(N_("Fee"), MONEY, total=True),
        Column(N_("Currency"), TEXT),
        Column(N_("Reason"), TEXT),
        Column(N_("State"), TEXT, words=STATES),
        Column(N_("Decided at"), DATETIME),
        Column(N_("Reason of the decision"), TEXT),
        Column(N_("Reported at"), DATETIME),
        Column(N_("Answered at"), DATETIME),
        Column(N_("Biller's word"), TEXT),
    ),
)
