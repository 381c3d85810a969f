"""Bills that do not add up: somebody tells the carrier. Gone a day after they are right again, or when nobody has seen them for a month."""

from collections.abc import Iterator
from datetime import datetime, timedelta

from sqlalchemy import or_, select
from sqlalchemy.orm import Session

from app.attention import Attention
from app.billers.model import Biller, WrongBill
from app.errors import N_

STAYS_WHEN_RIGHT, STAYS_AT_MOST = timedelta(hours=24), timedelta(days=30)

WRONG = {
    "line": N_("Bill {number} of {biller} does not add up, by {difference}: the line “{what}” is not what its rule makes."),
    "numbers": N_("Bill {number} of {biller} does not add up, by {difference}: “{what}” shows other numbers than it is computed with."),
    "section": N_("Bill {number} of {biller} does not add up, by {difference}: the section “{what}” is not the sum of its lines."),
    "total": N_("Bill {number} of {biller} does not add up, by {difference}: its total is not the sum of its sections."),
}
RIGHTED = N_("Bill {number} of {biller} did not add up, by {difference}; it was right again on {righted_at}.")


def attention(session: Session, *, now: datetime) -> Iterator[Attention]:
    shown = select(WrongBill, Biller.name).join(Biller, Biller.code == WrongBill.biller)
    shown = shown.where(WrongBill.last_seen_at > now - STAYS_AT_MOST)
    shown = shown.where(or_(WrongBill.righted_at.is_(None), WrongBill.righted_at > now - STAYS_WHEN_RIGHT))
    for wrong, name in session.execute(shown.order_by(WrongBill.first_seen_at)):
        facts = {"number": wrong.number, "biller": name, "difference": wrong.money, "what": wrong.what, "righted_at": wrong.righted_at}
        yield Attention(
            kind="bill.does-not-add-up",
            ref=wrong.bill,
            since=wrong.first_seen_at,
            say=RIGHTED if wrong.righted_at else WRONG[wrong.place],
            endpoint="bills.bill",
            facts=facts,
            arguments={"biller": wrong.biller, "subscriber": wrong.subscriber, "ref": wrong.bill, "period": wrong.period},
        )
