"""The book itself: every posting of these days."""

from sqlalchemy import or_, select

from app.errors import N_
from app.ledger.chart import agent_account, commission_account
from app.ledger.model import Posting
from app.people.permissions import SEE_BOOK
from app.reports.filters import Filter
from app.reports.report import DATETIME, INTEGER, MONEY, TEXT, Column, Report, Rows


def postings_between(wanted: Filter) -> Rows:
    """In the order of the book. For one agent: what moved its money or its commission."""
    question = select(
        Posting.id,
        Posting.at,
        Posting.event,
        Posting.about,
        Posting.source,
        Posting.target,
        Posting.amount,
        Posting.currency,
        Posting.by,
    ).where(Posting.at >= wanted.since, Posting.at < wanted.until)
    if wanted.agent is not None:
        accounts = [agent_account(wanted.agent), commission_account(wanted.agent)]
        question = question.where(or_(Posting.source.in_(accounts), Posting.target.in_(accounts)))
    return question.order_by(Posting.id)


JOURNAL = Report(
    name="journal",
    title=N_("Journal"),
    permission=SEE_BOOK,
    rows=postings_between,
    filters=("agent",),
    columns=(
        Column(N_("No"), INTEGER),
        Column(N_("At"), DATETIME),
        Column(N_("Event"), TEXT),
        Column(N_("About"), TEXT),
        Column(N_("From account"), TEXT),
        Column(N_("To account"), TEXT),
        Column(N_("Amount"), MONEY, total=True),
        Column(N_("Currency"), TEXT),
        Column(N_("By"), TEXT),
    ),
)
