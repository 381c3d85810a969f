"""Cancellations that need a person: nobody decides, the biller does not take or answer the report, or its words contradict."""

from collections.abc import Iterator
from datetime import datetime, timedelta

from sqlalchemy.orm import Session

from app.attention import Attention
from app.cancellations.model import Cancellation, State
from app.cancellations.queries import Waiting, open_cases, waiting
from app.errors import N_

DECIDED_BEFORE_THE_LIMIT = 15  # minutes that are left for the report
REPORTED_WITHIN, ANSWERED_WITHIN = timedelta(minutes=1), timedelta(minutes=10)
CASES = {
    "late-yes": N_("The biller refused to cancel {payment} and now says it did ({word}). Two persons decide."),
    "late-no": N_("{payment} is cancelled, and now the biller denies it ({word}). Two persons decide."),
}


def attention(session: Session, *, now: datetime) -> Iterator[Attention]:
    for one in waiting(session, now=now):
        if found := what_is_wrong(one, now=now):
            yield found
    for case in open_cases(session):
        cancellation = session.get_one(Cancellation, case.cancellation)
        yield Attention(
            kind=f"cancellation.{case.kind}",
            ref=str(case.id),
            since=case.opened_at,
            say=CASES[case.kind],
            endpoint="cancellation_cases.case",
            facts={"payment": cancellation.payment, "word": case.word or "—"},
            arguments={"number": str(case.id)},
        )


def what_is_wrong(one: Waiting, *, now: datetime) -> Attention | None:
    cancellation = one.cancellation
    match cancellation.state:
        case State.ASKED if one.minutes_left < DECIDED_BEFORE_THE_LIMIT:
            say = N_("Nobody has decided cancellation {number}, and the biller takes reports until {until} only.")
            return attention_to(one, "undecided", say, since=cancellation.asked_at)
        case State.GRANTED if cancellation.decided_at and now - cancellation.decided_at > REPORTED_WITHIN:
            return attention_to(
                one, "not-reported", N_("Cancellation {number} is granted, but {biller} was not told yet."), since=cancellation.decided_at
            )
        case State.REPORTED if cancellation.reported_at and cancellation.reported_in_time is False:
            say = N_("Cancellation {number} reached {biller} after its limit for reports, and it has not answered.")
            return attention_to(one, "reported-late", say, since=cancellation.reported_at)
        case State.REPORTED if cancellation.reported_at and now - cancellation.reported_at > ANSWERED_WITHIN:
            say = N_("{biller} was told {times} times of cancellation {number} and has not answered clearly.")
            return attention_to(one, "no-answer", say, since=cancellation.reported_at)
    return None


def attention_to(one: Waiting, kind: str, say: str, *, since: datetime) -> Attention:
    cancellation = one.cancellation
    return Attention(
        kind=f"cancellation.{kind}",
        ref=str(cancellation.id),
        since=since,
        say=say,
        endpoint="cancellation_queue.cancellation",
        facts={
            "number": cancellation.id,
            "biller": cancellation.biller,
            "times": cancellation.times_reported,
            "until": cancellation.report_until,
        },
        arguments={"number": str(cancellation.id)},
    )
