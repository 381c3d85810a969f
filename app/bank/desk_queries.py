"""Questions of the desk: how much of what waits, since when, why; and what waits for a second person."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Select, String, cast, func, literal, select
from sqlalchemy.orm import Session

from app import languages
from app.bank.desk_model import DepositProposal, ReturnBatch
from app.bank.model import Deposit, DepositState
from app.bank.queries import PAGE

COUNTED_TO = 1000  # beyond it the exact number helps nobody and costs a long look
NEWEST_FIRST = (
    DepositState.CREDITED,
    DepositState.RETURNED,
    DepositState.TAKEN_BACK,
    DepositState.NOT_TOP_UP,
    DepositState.NOTED,
)
LAST_WORD = Deposit.trace[-1]["say"].astext
WHY_KEY = func.left(func.md5(LAST_WORD), 8)


@dataclass(frozen=True)
class Heap:
    """:ivar count: at most one more than :data:`COUNTED_TO`; :ivar since: when the oldest was seen, of what waits"""

    count: int
    since: datetime | None

    @property
    def shown(self) -> str:
        return f"{COUNTED_TO}+" if self.count > COUNTED_TO else str(self.count)


@dataclass(frozen=True)
class Reason:
    """Why deposits are in suspense: ``say`` is the last sentence of their traces, without its facts."""

    key: str
    say: str
    count: int
    since: datetime

    def in_words(self, language: str) -> str:
        return languages.translate(self.say, language).format_map(Blanks())


class Blanks(dict[str, str]):
    def __missing__(self, _name: str) -> str:
        return "…"


def heaps(session: Session) -> dict[str, Heap]:
    found = {}
    for state in DepositState:
        some = select(Deposit.seen_at).where(Deposit.state == state).order_by(Deposit.id).limit(COUNTED_TO + 1).subquery()
        count, since = session.execute(select(func.count(), func.min(some.c.seen_at)).select_from(some)).one()
        found[state.value] = Heap(count, None if state in NEWEST_FIRST else since)
    return found


def suspense_by_reason(session: Session) -> list[Reason]:
    """The largest heap first."""
    question = (
        select(WHY_KEY, LAST_WORD, func.count(), func.min(Deposit.seen_at))
        .where(Deposit.state == DepositState.SUSPENSE, LAST_WORD.is_not(None))
        .group_by(LAST_WORD)
        .order_by(func.count().desc(), LAST_WORD)
    )
    return [Reason(key, say, count, since) for key, say, count, since in session.execute(question)]


def desk_list(
    session: Session,
    *,
    state: str | None,
    why: str = "",
    words: str = "",
    since: datetime | None = None,
    cursor: int | None = None,
    limit: int = PAGE,
) -> Sequence[Deposit]:
    """
    What waits the oldest first, what ended the newest first.

    :param why: a :class:`Reason`'s key; :param words: part of a reference, text, sender or agent number
    :param cursor: the last id of the page before
    """
    question = select(Deposit)
    if state is not None:
        question = question.where(Deposit.state == state)
    if why:
        question = question.where(literal(why) == WHY_KEY)
    if words:
        like = f"%{escaped(words)}%"
        fields = (Deposit.reference, Deposit.text, Deposit.sender_name, Deposit.sender_iban, Deposit.agent, cast(Deposit.amount, String))
        question = question.where(func.concat_ws(" ", *fields).ilike(like, escape="\\"))
    if since is not None:
        question = question.where(Deposit.seen_at >= since)
    return session.scalars(paged(question, newest_first=state is None or state in NEWEST_FIRST, cursor=cursor).limit(limit)).all()


def escaped(words: str) -> str:
    return words.replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_")


def paged(question: Select[Deposit], *, newest_first: bool, cursor: int | None) -> Select[Deposit]:
    if cursor is not None:
        question = question.where(Deposit.id < cursor if newest_first else Deposit.id > cursor)
    return question.order_by(Deposit.id.desc() if newest_first else Deposit.id)


def open_proposals(session: Session) -> Sequence[tuple[DepositProposal, Deposit]]:
    """The oldest first."""
    question = (
        select(DepositProposal, Deposit)
        .join(Deposit, Deposit.reference == DepositProposal.deposit)
        .where(DepositProposal.decided_at.is_(None))
        .order_by(DepositProposal.id)
        .limit(COUNTED_TO)
    )
    return [(proposal, deposit) for proposal, deposit in session.execute(question)]


def proposals_about(session: Session, deposit: str) -> Sequence[DepositProposal]:
    """All of them, the newest first."""
    return session.scalars(select(DepositProposal).filter_by(deposit=deposit).order_by(DepositProposal.id.desc())).all()


def proposals_queue(session: Session) -> tuple[int, datetime | None]:
    """How many wait for a second person, and since when the oldest does; return files too."""
    proposals = select(DepositProposal.proposed_at.label("at")).where(DepositProposal.decided_at.is_(None))
    batches = select(ReturnBatch.gathered_at).where(ReturnBatch.decided_at.is_(None))
    both = proposals.union_all(batches).subquery()
    count, since = session.execute(select(func.count(), func.min(both.c.at)).select_from(both)).one()
    return count, since
