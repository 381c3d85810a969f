"""Every account's balance before, during and after these days. In each currency the balances add up to zero."""

from sqlalchemy import case, func, literal, select, union_all

from app.errors import N_
from app.ledger.model import Posting
from app.people.permissions import SEE_BOOK
from app.reports.filters import Filter
from app.reports.report import MONEY, TEXT, Column, Report, Rows


def balances_between(wanted: Filter) -> Rows:
    """Balance is in − out, as in :func:`app.ledger.book.trial_balance`."""
    nothing = literal(0)
    sides = union_all(
        select(Posting.target.label("account"), Posting.currency, Posting.at, Posting.amount.label("came"), nothing.label("went")),
        select(Posting.source.label("account"), Posting.currency, Posting.at, nothing.label("came"), Posting.amount.label("went")),
    ).subquery()
    is_before = sides.c.at < wanted.since
    return (
        select(
            sides.c.account,
            func.sum(case((is_before, sides.c.came - sides.c.went), else_=0)).label("opening"),
            func.sum(case((is_before, 0), else_=sides.c.came)).label("came"),
            func.sum(case((is_before, 0), else_=sides.c.went)).label("went"),
            func.sum(sides.c.came - sides.c.went).label("balance"),
            sides.c.currency,
        )
        .where(sides.c.at < wanted.until)
        .group_by(sides.c.account, sides.c.currency)
        .order_by(sides.c.account)
    )


TRIAL_BALANCE = Report(
    name="trial-balance",
    title=N_("Trial balance"),
    permission=SEE_BOOK,
    rows=balances_between,
    columns=(
        Column(N_("Account"), TEXT),
        Column(N_("Opening balance"), MONEY, total=True),
        Column(N_("In"), MONEY, total=True),
        Column(N_("Out"), MONEY, total=True),
        Column(N_("Balance"), MONEY, total=True),
        Column(N_("Currency"), TEXT),
    ),
)
