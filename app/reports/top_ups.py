"""Every deposit that we saw in these days, whatever became of it; an owner sees those that are the agent's own."""

from sqlalchemy import select

from app.agents.model import Agent
from app.bank.model import Deposit, DepositState
from app.errors import N_
from app.people.permissions import SEE_REPORTS
from app.reports.filters import Filter
from app.reports.report import DATE, DATETIME, MONEY, TEXT, Column, Report, Rows

STATES: dict[str, str] = {
    DepositState.SEEN: N_("Just seen"),
    DepositState.COMING: N_("Coming, its value date lies ahead"),
    DepositState.CREDITED: N_("Credited"),
    DepositState.SUSPENSE: N_("A person decides"),
    DepositState.RETURNING: N_("To be returned to the sender"),
    DepositState.RETURNED: N_("Returned to the sender"),
    DepositState.TAKEN_BACK: N_("Taken back by the bank"),
    DepositState.NOT_TOP_UP: N_("No top-up"),
    DepositState.NOTED: N_("Only noted, nothing moved"),
}


def deposits_between(wanted: Filter) -> Rows:
    """By the time we saw them: the book moved then, even if the bank's day was an earlier one."""
    question = (
        select(
            Deposit.seen_at,
            Deposit.reference,
            Deposit.day,
            Deposit.agent,
            Agent.name.label("agent_name"),
            Deposit.sender_name,
            Deposit.sender_iban,
            Deposit.text,
            Deposit.iban,
            Deposit.bank_reference,
            Deposit.amount,
            Deposit.currency,
            Deposit.state,
            Deposit.credited_at,
        )
        .outerjoin(Agent, Agent.number == Deposit.agent)
        .where(Deposit.seen_at >= wanted.since, Deposit.seen_at < wanted.until)
        .order_by(Deposit.id)
    )
    if wanted.agent is not None:
        question = question.where(Deposit.agent == wanted.agent)
    if wanted.state is not None:
        question = question.where(Deposit.state == wanted.state)
    return question


TOP_UPS = Report(
    name="top-ups",
    title=N_("Top-ups"),
    permission=SEE_REPORTS,
    rows=deposits_between,
    filters=("agent", "state"),
    states=STATES,
    columns=(
        Column(N_("Seen at"), DATETIME),
        Column(N_("Reference"), TEXT),
        Column(N_("Bank's day"), DATE),
        Column(N_("Agent"), TEXT),
        Column(N_("Agent's name"), TEXT),
        Column(N_("Sender"), TEXT),
        Column(N_("Sender's IBAN"), TEXT),
        Column(N_("Description"), TEXT),
        Column(N_("Our account"), TEXT),
        Column(N_("Bank's reference"), TEXT),
        Column(N_("Amount"), MONEY, total=True),
        Column(N_("Currency"), TEXT),
        Column(N_("State"), TEXT, words=STATES),
        Column(N_("Credited at"), DATETIME),
    ),
)
