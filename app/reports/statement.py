"""An agent's account: where it stood, and every move with the balance after it."""

from datetime import datetime

from sqlalchemy import BigInteger, ColumnElement, Text, cast, desc, func, literal, null, select, union_all

from app.agents.statement import WORDS
from app.errors import N_
from app.ledger.chart import agent_account
from app.ledger.model import LimitedAccount, Posting
from app.people.permissions import SEE_REPORTS
from app.reports.filters import Filter
from app.reports.report import DATETIME, MONEY, TEXT, Column, Report, Rows

OPENING = "opening"
EVENTS = {OPENING: N_("Balance brought forward")} | WORDS


def moves_of(wanted: Filter) -> Rows:
    """
    In the order of the book; the running balance is the one that each posting itself carries.

    The days are cut where the account's chain of balances stood at midnight: one day's end is always the next one's
    beginning, even if two postings of that instant were written in the other order.
    """
    assert wanted.agent is not None, "needs_agent"
    account, nothing = agent_account(wanted.agent), cast(null(), BigInteger)
    days = (Posting.id > last_before(wanted.since, account, "id"), Posting.id <= last_before(wanted.until, account, "id"))
    brought_forward = select(
        literal(0, BigInteger).label("id"), literal(wanted.since).label("at"), literal(OPENING, Text).label("event"),
        literal("", Text).label("about"), nothing.label("came"), nothing.label("went"),
        last_before(wanted.since, account, "balance").label("balance"), LimitedAccount.currency,
    ).where(LimitedAccount.address == account)  # fmt: skip
    came = select(
        Posting.id, Posting.at, Posting.event, Posting.about,
        Posting.amount.label("came"), nothing.label("went"), Posting.target_balance.label("balance"), Posting.currency,
    ).where(Posting.target == account, Posting.target_balance.is_not(None), *days)  # fmt: skip
    went = select(
        Posting.id, Posting.at, Posting.event, Posting.about,
        nothing.label("came"), Posting.amount.label("went"), Posting.source_balance.label("balance"), Posting.currency,
    ).where(Posting.source == account, Posting.source_balance.is_not(None), *days)  # fmt: skip
    moves = union_all(brought_forward, came, went).subquery()
    return select(
        moves.c.at, moves.c.event, moves.c.about, moves.c.came, moves.c.went, moves.c.balance, moves.c.currency
    ).order_by(moves.c.id)  # fmt: skip


def last_before(instant: datetime, account: str, what: str) -> ColumnElement[int]:
    """``id`` of the account's last posting before that instant, or the ``balance`` it left; 0 if there is none."""
    sides = union_all(*(
        select(Posting.id, balance.label("balance"))
        .where(side == account, balance.is_not(None), Posting.at < instant)
        .order_by(desc(Posting.id))
        .limit(1)
        for side, balance in ((Posting.target, Posting.target_balance), (Posting.source, Posting.source_balance))
    )).subquery()  # fmt: skip
    return func.coalesce(select(sides.c[what]).order_by(desc(sides.c.id)).limit(1).scalar_subquery(), 0)


STATEMENT = Report(
    name="statement",
    title=N_("Agent statement"),
    permission=SEE_REPORTS,
    rows=moves_of,
    filters=("agent",),
    needs_agent=True,
    columns=(
        Column(N_("At"), DATETIME),
        Column(N_("What"), TEXT, words=EVENTS),
        Column(N_("Reference"), TEXT),
        Column(N_("In"), MONEY, total=True),
        Column(N_("Out"), MONEY, total=True),
        Column(N_("Balance"), MONEY),
        Column(N_("Currency"), TEXT),
    ),
)
