"""What ``replay`` would bring in, before it does: each kept file is imported and judged in a rehearsal, and nothing is kept."""

from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy.orm import Session

from app import db
from app.bank.incoming.import_statement import import_statement
from app.bank.incoming.read_event import read_kept
from app.bank.incoming.statement_queries import StatementReport, reports_on
from app.bank.judge import judge
from app.bank.knowledge import knowledge_about
from app.bank.model import BankBooking, Deposit, DepositState
from app.bank.replay import kept_file, kept_files
from app.bank.replay_rules import in_words
from app.bank.statement.statement import Unreadable
from app.bank.waiting import deposits_to_judge, with_what_brought_them


@dataclass(frozen=True)
class Ahead:
    """
    A statement that would come in.

    :ivar becomes: what its new deposits would be, such as ``credited to 1000001042``, and how many of each
    """

    report: StatementReport
    becomes: Mapping[str, int]


def look_ahead(*, now: datetime) -> Iterator[Ahead]:
    """File by file in the order they came, each as if it were the only one: what two of them would bring is told twice."""
    for number in kept_files():
        yield from look_at(number, now=now)


def look_at(number: int, *, now: datetime) -> list[Ahead]:
    file = kept_file(number)
    try:
        statements = read_kept(file.raw, account=file.account)
    except Unreadable:
        return []  # as it was when it came
    with db.rehearsal() as session:
        brought = [import_statement(session, each, file, position=place, now=now) for place, each in enumerate(statements, start=1)]
        reports = reports_on(session, [each for each in brought if each and not each.again])
        return [Ahead(report, becomes(session, report.id, now=now)) for report in reports]


def becomes(session: Session, statement: int, *, now: datetime) -> Counter[str]:
    """By today's rules; a credit above the desk's limit would first wait for a second person, as ever."""
    question = deposits_to_judge().where(BankBooking.statement_id == statement, Deposit.state == DepositState.SEEN)
    waiting = with_what_brought_them(session, session.execute(question).all(), now=now)
    known = knowledge_about(session, waiting, now=now)
    return Counter(in_words(judge(each.case(), known, today=date.max)) for each in waiting)
