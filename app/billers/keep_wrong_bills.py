"""Bills that do not add up are written down when they are shown, and so is when they are right again (``attention.py``)."""

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from app.billers.model import Biller, WrongBill
from app.billing.explain import Explanation, Finding
from app.billing.sentence import Printed
from app.money import LARGEST

LONGEST = 200  # of a carrier's text in a sentence of ours
BY_PLACE = ("line", "numbers", "section", "total")  # what explains best stands first


def keep_wrong_bills(
    session: Session, biller: Biller, subscriber: str, explained: Sequence[Explanation], *, seen_by: str, now: datetime
) -> None:
    """In the transaction that keeps the quotes."""
    if right := [one.bill.ref for one in explained if one.adds_up]:
        mine = (WrongBill.biller == biller.code, WrongBill.subscriber == subscriber, WrongBill.bill.in_(right))
        session.execute(
            update(WrongBill).where(*mine, WrongBill.righted_at.is_(None), WrongBill.last_seen_at <= now).values(righted_at=now)
        )
    wrong = [row_of(one, biller, subscriber, seen_by=seen_by, now=now) for one in explained if not one.adds_up]
    if wrong:
        new = insert(WrongBill).values(sorted(wrong, key=lambda row: str(row["bill"])))
        again = {name: new.excluded[name] for name in wrong[0] if name not in ("biller", "subscriber", "bill", "first_seen_at")}
        session.execute(
            new.on_conflict_do_update(
                index_elements=["biller", "subscriber", "bill"], set_=again, where=WrongBill.last_seen_at <= new.excluded.last_seen_at
            )
        )


def row_of(explained: Explanation, biller: Biller, subscriber: str, *, seen_by: str, now: datetime) -> dict[str, object]:
    bill, first = explained.bill, min(explained.findings, key=lambda finding: BY_PLACE.index(finding.place))
    return {
        "biller": biller.code,
        "subscriber": subscriber,
        "bill": bill.ref,
        "number": bill.number,
        "period": f"{bill.last_day:%Y-%m}",
        "version": bill.version,
        "difference": max(-LARGEST, min(explained.difference.minor, LARGEST)),  # a hostile biller's sums are larger than a column
        "currency": bill.currency,
        "place": first.place,
        "what": text_of(first),
        "findings": len(explained.findings),
        "first_seen_at": now,
        "last_seen_at": now,
        "seen_by": seen_by,
        "righted_at": None,
    }


def text_of(finding: Finding) -> str:
    """What the carrier printed there; nothing for the total."""
    what = finding.say.facts.get("what")
    return what.text[:LONGEST] if isinstance(what, Printed) else ""
