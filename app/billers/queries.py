"""Questions about billers. Their records change rarely: a process remembers them for five seconds."""

from collections.abc import Sequence
from datetime import date, datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from app import db
from app.billers.model import BillCopy, Biller, Tariff
from app.billers.tariff import Charges, charges
from app.errors import NotFound
from app.markets import MARKETS, Market
from app.money import Money

MOST_COPIES = 20  # of one bill, on its page


@db.remember(5)
def all_billers() -> Sequence[Biller]:
    with db.reading() as session:
        return session.execute(select(Biller).order_by(Biller.name)).scalars().all()


def billers_of(market: Market | None) -> list[Biller]:
    """Agents pay billers of their own market; ``None`` means all."""
    return [biller for biller in all_billers() if market is None or biller.market == market.code]


def find_biller(code: str, market: Market | None) -> Biller:
    """:raises NotFound: if there is none, or it belongs to another market"""
    for biller in billers_of(market):
        if biller.code == code:
            return biller
    raise NotFound


@db.remember(5)
def tariffs_of(biller: str) -> Sequence[Tariff]:
    with db.reading() as session:
        return session.execute(select(Tariff).filter_by(biller=biller).order_by(Tariff.valid_from.desc())).scalars().all()


def charges_for(biller: Biller, amount: Money, *, agent_group: str, on: date) -> Charges:
    """By the tariff of that group and day; no tariff means no fee and no share."""
    for tariff in tariffs_of(biller.code):
        if tariff.agent_group == agent_group and tariff.valid_from <= on:
            return charges(amount, fee=tariff.fee, share=tariff.share, tax=tariff.tax)
    return charges(amount, fee=[], share=[], tax=0)


def opens_at(biller: Biller, now: datetime) -> str | None:
    """``None`` while paying is open, else when it opens, ``08:00`` in the market's time (P-30)."""
    if biller.opens_at is None or biller.closes_at is None:
        return None
    local = now.astimezone(MARKETS[biller.market].zone).time()
    if biller.opens_at < biller.closes_at:
        is_open = biller.opens_at <= local < biller.closes_at
    else:  # over midnight
        is_open = local >= biller.opens_at or local < biller.closes_at
    return None if is_open else biller.opens_at.strftime("%H:%M")


def copies_of(session: Session, biller: str, subscriber: str, bill: str) -> Sequence[BillCopy]:
    """Of one bill, the newest first."""
    question = select(BillCopy).filter_by(biller=biller, subscriber=subscriber, bill=bill).order_by(BillCopy.copy.desc())
    return session.scalars(question.limit(MOST_COPIES)).all()
