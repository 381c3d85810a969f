"""A change that somebody has only begun, such as by a mail: an operator completes it, or it is withdrawn."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from app import audit
from app.changes.catalogue import find_kind
from app.changes.kind import Kind, Subject
from app.changes.model import Change, State
from app.changes.references import new_reference
from app.errors import N_, NotFound, Refusal


class DraftOfAnother(Refusal):
    say = N_(
        "{change} is a draft for agent {agent} and stays one: its papers are that shop's. Withdraw it and begin anew, if it was "
        "opened for the wrong shop or for the wrong kind of request."
    )


class NoDraft(Refusal):
    say = N_("{change} is no draft any more: it is {state}. Nothing was changed.")


def open_draft(
    session: Session,
    kind: str,
    *,
    subject: Subject,
    by: str,
    now: datetime,
    source: str = "mail",
    on_behalf_of: str = "",
    wanted: Mapping[str, Any] | None = None,
) -> Change:
    """
    :param on_behalf_of: ``person:7``, if it is known who writes
    :param wanted: what is known of it already; nothing of it is checked before somebody asks
    :raises Invalid: if there is no such kind
    """
    change = Change(reference=new_reference(), opened_at=now, opened_by=by, version="")
    fill(change, kind=find_kind(kind), subject=subject, matter="", source=source, on_behalf_of=on_behalf_of, wanted=wanted or {}, before={})
    session.add(change)
    session.flush()
    audit.record(session, "change.opened", about=change.reference, by=by, at=now, kind=kind, agent=change.agent, source=source)
    return change


def fill(
    change: Change,
    *,
    kind: Kind,
    subject: Subject,
    matter: str,
    source: str,
    on_behalf_of: str,
    wanted: Mapping[str, Any],
    before: Mapping[str, Any],
) -> None:
    change.kind, change.market, change.matter, change.source = kind.name, subject.market.code, matter, source
    change.agent = subject.agent.number if subject.agent else None
    change.person_id = subject.person.id if subject.person else None
    change.on_behalf_of, change.wanted, change.before = on_behalf_of, dict(wanted), dict(before)


def take_draft(session: Session, reference: str, *, kind: Kind, subject: Subject) -> Change:
    """
    Locked. Papers wait in it that its shop has sent: it is completed as what it is (C1).

    :raises NotFound: … :raises NoDraft: …
    :raises DraftOfAnother: if it is for another shop, or for another kind of change
    """
    question = select(Change).filter_by(reference=reference).with_for_update().execution_options(populate_existing=True)
    change = session.scalars(question).one_or_none()
    if change is None:
        raise NotFound
    if change.state != State.DRAFT:
        raise NoDraft(change=reference, state=change.state)
    if change.kind != kind.name or change.agent != (subject.agent.number if subject.agent else None):
        raise DraftOfAnother(change=reference, agent=change.agent or "")
    return change
