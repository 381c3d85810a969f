"""Ask for a change: every field by its shape, from what the record says now, once."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from app import audit, db
from app.agents.model import CLOSED, CLOSING, Agent
from app.agents.queries import find_agent
from app.agents.suspend_agent import NotInThatState
from app.changes.catalogue import find_kind
from app.changes.draft import fill, take_draft
from app.changes.kind import Kind, Subject, Values
from app.changes.limits import persons_needed, today_in
from app.changes.model import Change
from app.changes.papers import Papers, clean_papers, keep_papers
from app.changes.queries import name_of, open_change
from app.changes.read_wanted import read_wanted
from app.changes.references import new_reference
from app.changes.versions import RecordChanged, version_of
from app.errors import N_, Invalid, NotAllowed, NotFound, Refusal
from app.markets import MARKETS, Market
from app.people.model import Person
from app.people.permissions import ASK_CHANGES
from app.people.second_person import must_have_the_right
from app.text import one_line

LONGEST_REASON = 300


class AskedAlready(Refusal):
    say = N_("{change} asks for this already, since {when} by {who}. It is {state}.")


@dataclass(frozen=True, repr=False, kw_only=True)
class Wish:
    """
    What somebody asks for.

    :ivar agent: the shop's number; a shop's person may leave it out
    :ivar person: whom it concerns; of kinds that ``maybe`` concern one, the asking owner or the only one if left out
    :ivar wanted: by field, as typed; amounts in minor units
    :ivar effective_on: ``None`` for at once
    :ivar on_behalf_of: who of the shop signed the paper that the institution keys in
    :ivar version: :func:`version_of` what the record said on the asker's screen, if there was one
    :ivar scans: uploaded files by the paper's name
    :ivar draft: the reference of a draft that this completes
    """

    kind: str
    by: str
    wanted: Mapping[str, Any]
    agent: str | None = None
    person: int | None = None
    reason: str = ""
    effective_on: date | None = None
    on_behalf_of: int | None = None
    source: str = "screen"
    version: str | None = None
    scans: Mapping[str, bytes] = field(default_factory=dict)
    draft: str | None = None


def request_change(wish: Wish, *, keys: Sequence[bytes], now: datetime) -> Change:
    """
    A journey: the scans are made anew with no transaction open, then everything is recorded in one.

    :param keys: ``config.scan_keys``
    :returns: asked for, or incomplete while papers are missing
    :raises Invalid: naming each field that is wrong, in words of its shape
    :raises NotAllowed: if the role may not ask for this kind
    :raises NotFound: if there is no such shop or person, or it is another shop's
    :raises NotInThatState: if the shop is closed; if it is closing, for its own people
    :raises RecordChanged: if the record is not what it was on the screen
    :raises AskedAlready: if an open change is about the same
    :raises app.changes.draft.DraftOfAnother: if the draft is another shop's, or of another kind
    :raises app.documents.clean_scan.UnsuitableScan: if a file cannot be taken
    and what the kind itself raises if it makes no sense to ask
    """
    kind, reference = find_kind(wish.kind), wish.draft or new_reference()
    with db.reading() as session:
        subject = subject_wished(session, kind, wish)
    papers = clean_papers(kind, wish.scans, reference=reference, market=subject.market, now=now)
    with db.transaction() as session:
        return record(session, kind, wish, papers, reference=reference, keys=keys, now=now)


def record(session: Session, kind: Kind, wish: Wish, papers: Papers, *, reference: str, keys: Sequence[bytes], now: datetime) -> Change:
    subject = subject_wished(session, kind, wish)
    present = kind.before(session, subject)
    if wish.version is not None and wish.version != version_of(present):
        raise RecordChanged
    wanted = read_wanted(kind, wish.wanted, subject.market, present)
    check_the_rest(session, kind, wish, subject, now=now)
    if not any(one.of_person for one in kind.fields if one.name in wanted) and kind.person == "maybe":
        subject = Subject(subject.market, subject.agent)
    matter = kind.matter(subject, wanted)
    db.queue_for(session, f"change:{kind.name}:{matter}")
    if there := open_change(session, kind.name, matter):
        raise AskedAlready(change=there.reference, who=name_of(session, there.asked_by or ""), when=there.asked_at, state=there.state)
    kind.check(session, subject, wanted)
    before = {name: present[name] for name in wanted if name in present} if kind.changes_only else present
    weight = kind.weigh(subject, wanted)
    made = None if wish.draft else Change(reference=reference, opened_at=now, opened_by=wish.by)
    change = made or take_draft(session, reference, kind=kind, subject=subject)
    fill(
        change,
        kind=kind,
        subject=subject,
        matter=matter,
        source="paper" if is_keyed_in(session, kind, wish) and wish.source != "mail" else wish.source,
        on_behalf_of=f"person:{wish.on_behalf_of}" if wish.on_behalf_of else "",
        wanted=wanted,
        before=before,
    )
    change.version, change.effective_on, change.reason = (
        version_of(before),
        wish.effective_on,
        one_line(wish.reason, longest=LONGEST_REASON),
    )
    change.weight, change.persons_needed = (
        weight,
        persons_needed(session, market=subject.market.code, kind=kind.name, weight=weight, now=now),
    )
    change.asked_at, change.asked_by = now, wish.by
    session.add(change)
    session.flush()
    audit.record(
        session,
        "change.asked",
        about=change.reference,
        by=wish.by,
        at=now,
        kind=kind.name,
        agent=change.agent,
        concerns=change.concerns or None,
        on_behalf_of=change.on_behalf_of or None,
        fields=", ".join(sorted(wanted)) or None,
        persons_needed=change.persons_needed,
    )
    keep_papers(session, kind, change, papers, keys=keys, by=wish.by, now=now)
    return change


def is_keyed_in(session: Session, kind: Kind, wish: Wish) -> bool:
    """Somebody of the institution asks for a shop: what was signed is shown, even where no owner is there who could have."""
    return kind.is_for_shops and session.get_one(Person, int(wish.by.removeprefix("person:"))).agent is None


def subject_wished(session: Session, kind: Kind, wish: Wish) -> Subject:
    """Whose record it is, if the asker may ask about it."""
    asker = must_have_the_right(session, wish.by, ASK_CHANGES)
    if asker.role not in kind.asked_by:
        raise NotAllowed
    if not kind.has_agent:
        return Subject(market_wished(wish))
    if asker.agent is None and not wish.agent:
        raise Invalid(agent=N_("Say which shop it is about."))
    if asker.agent and wish.agent not in (None, "", asker.agent):
        raise NotFound
    agent = find_agent(session, asker.agent or str(wish.agent))
    session.refresh(agent)
    if (agent.state == CLOSED and not kind.for_closed) or (agent.state == CLOSING and asker.agent):
        raise NotInThatState(number=agent.number, state=agent.state)
    return Subject(MARKETS[agent.market], agent, person_wished(session, kind, wish, agent, asker))


def market_wished(wish: Wish) -> Market:
    """Of a shop that is not there yet."""
    market = wish.wanted.get("market")
    if not isinstance(market, str) or market not in MARKETS:
        raise Invalid(market=N_("The market is one of TR, AZ, ES, HU."))
    return MARKETS[market]


def person_wished(session: Session, kind: Kind, wish: Wish, agent: Agent, asker: Person) -> Person | None:
    """:raises NotFound: for a stranger; :raises Invalid: if nobody is named and it is not clear who is meant"""
    if kind.person == "none":
        return None
    if wish.person is not None:
        return of_the_shop(session, agent, wish.person)
    if kind.person == "one":
        raise Invalid(person=N_("Say which person it is about."))
    if asker.agent == agent.number:
        return asker
    owners = owners_of(session, agent.number)
    if wish.on_behalf_of is not None:
        return of_the_shop(session, agent, wish.on_behalf_of)
    if len(owners) != 1 and wish.wanted.get("login_phone"):
        raise Invalid(person=N_("Say which person it is about."))
    return owners[0] if len(owners) == 1 else None


def of_the_shop(session: Session, agent: Agent, number: int) -> Person:
    person = session.get(Person, number)
    if person is None or person.agent != agent.number:
        raise NotFound
    session.refresh(person)
    return person


def owners_of(session: Session, agent: str) -> Sequence[Person]:
    return session.scalars(select(Person).filter_by(agent=agent, role="owner", removed_at=None).order_by(Person.id)).all()


def check_the_rest(session: Session, kind: Kind, wish: Wish, subject: Subject, *, now: datetime) -> None:
    """:raises Invalid: …"""
    errors = {}
    if kind.needs_reason and not one_line(wish.reason):
        errors["reason"] = N_("Say why; it is read by who decides, and kept.")
    if wish.effective_on and wish.effective_on < today_in(subject.market.code, now):
        errors["effective_on"] = N_("This day is over already. Choose today or a later day, or leave it empty for at once.")
    if not kind.is_for_shops and wish.on_behalf_of is not None:
        errors["on_behalf_of"] = N_("No shop asks for this; the institution does.")
    elif kind.is_for_shops and subject.agent is not None:
        errors |= wrong_signer(session, wish, subject.agent)
    if errors:
        raise Invalid(**errors)


def wrong_signer(session: Session, wish: Wish, agent: Agent) -> Values:
    """Whoever of the institution keys a paper in says which owner signed it; an owner asks for the shop, and signs for nobody."""
    asker_number = int(wish.by.removeprefix("person:"))
    owners = {owner.id for owner in owners_of(session, agent.number)}
    asker_is_theirs = session.get_one(Person, asker_number).agent == agent.number
    if asker_is_theirs:
        return {} if wish.on_behalf_of is None else {"on_behalf_of": N_("You ask for your own shop.")}
    if wish.on_behalf_of is None:
        return {"on_behalf_of": N_("Say which owner of the shop signed the paper.")} if owners else {}
    return {} if wish.on_behalf_of in owners else {"on_behalf_of": N_("Only an owner of the shop can sign this.")}
