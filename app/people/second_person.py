"""What takes two persons: is the second one really another, and does the second one decide what is proposed now?"""

from datetime import datetime, timedelta

from sqlalchemy import ColumnElement, CompoundSelect, bindparam, intersect, select, union
from sqlalchemy.orm import Session

from app.errors import N_, NotAllowed, Refusal
from app.people.model import FormerPhone, Person
from app.people.permissions import ROLES

NEW_LOGIN = timedelta(days=1)

# Every decision asks it first, and most of those who come second nothing else: it is put together once.
THERE = (
    select(Person)
    .where(Person.id == bindparam("number"), Person.removed_at.is_(None))
    .with_for_update(read=True)
    .execution_options(populate_existing=True)
)


class ProposalChanged(Refusal):
    say = N_("The proposal has changed since this page was opened. Nothing was decided. Look at it again.")


class FirstCountsNoMore(Refusal):
    """For a second person who agrees; refusing stays possible."""

    say = N_(
        "{who} proposed this and has no right to any more, so it does not count as one of the two. Somebody else has to propose it anew."
    )


def person_of(session: Session, by: str) -> Person | None:
    number = number_of(by)
    return session.get(Person, number) if number is not None else None


def number_of(by: str) -> int | None:
    """Of ``person:7``; ``None`` of a job."""
    kind, _, number = by.partition(":")
    return int(number) if kind == "person" and number.isdecimal() else None


def is_the_asker(session: Session, asked_by: str, by: str, *, now: datetime) -> bool:
    """C-03, C18: the same person, the same telephone in another login, or a login of the institution that one made for the other today."""
    if asked_by == by:
        return True
    asker, decider = person_of(session, asked_by), person_of(session, by)
    if asker is None or decider is None:
        return False
    if asker.phone == decider.phone or was_made_by(decider, asked_by, now=now):
        return True
    return asker.agent is None and was_made_by(asker, by, now=now)  # who grants a shop its new cashier may decide what that one asks


def was_made_by(made: Person, by: str, *, now: datetime) -> bool:
    return made.added_by == by and now - made.added_at < NEW_LOGIN


def is_of_the_shop(session: Session, agent: str, by: str) -> bool:
    """C18: somebody of that shop, or whose telephone is or was in a login of it, whatever login is used now."""
    decider = person_of(session, by)
    if decider is None:
        return False
    mine = numbers(Person.id == decider.id)
    return session.execute(intersect(mine, numbers(Person.agent == agent)).limit(1)).first() is not None


def numbers(whose: ColumnElement[bool]) -> CompoundSelect[tuple[str]]:
    """Telephones somebody has and had."""
    had = select(FormerPhone.phone).join(Person, Person.id == FormerPhone.person_id)
    return union(select(Person.phone).where(whose), had.where(whose))


def must_have_the_right(session: Session, by: str, permission: str) -> Person:
    """
    Rights count when it is decided, not when the page was opened: the person's record stays as it is until the transaction ends.

    :raises NotAllowed: if the person is gone, or has another role by now
    """
    person = with_the_right(session, by, permission)
    if person is None:
        raise NotAllowed
    return person


def with_the_right(session: Session, by: str, permission: str) -> Person | None:
    """The person, who keeps the right until the transaction ends; ``None`` if it is lost, or nobody's."""
    person = session.scalars(THERE, {"number": number_of(by) or 0}).one_or_none()
    return person if person is not None and permission in ROLES[person.role] else None


def first_must_still_count(session: Session, first: str, permission: str) -> None:
    """
    The first of two said yes some time ago: when the second one does, that counts only if its giver still could say it (C2, C18).

    :param first: a job has no right to lose
    :raises FirstCountsNoMore: …
    """
    if (person := person_of(session, first)) and with_the_right(session, first, permission) is None:
        raise FirstCountsNoMore(who=person.name)


def mark_of(outcome: str | None, proposed_by: str | None, proposed_at: datetime | None) -> str:
    """Names one proposal; whoever decides sends back the mark of what was on the screen."""
    return f"{outcome} {proposed_by} {proposed_at.isoformat() if proposed_at else ''}"
