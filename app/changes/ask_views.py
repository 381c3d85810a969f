"""``/changes/new/<kind>``: an owner asks for the own shop; the institution's people key in for one."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from flask import Blueprint, redirect, render_template, request, url_for
from sqlalchemy import select
from sqlalchemy.orm import Session
from werkzeug.wrappers import Response

from app import clock, db
from app.agents.model import Agent
from app.agents.queries import find_agent
from app.changes.catalogue import KINDS
from app.changes.draft import DraftOfAnother
from app.changes.forms import AskForm, ask_form
from app.changes.kind import Kind, Paper, Subject
from app.changes.kinds.manual_posting import DocumentUsed
from app.changes.limits import today_in
from app.changes.model import Change
from app.changes.queries import find_change, pending_about_agent
from app.changes.request_change import Wish, request_change
from app.changes.versions import version_of
from app.config import Config
from app.documents.clean_scan import UnsuitableScan
from app.errors import Invalid, NotAllowed, NotFound
from app.markets import INSTITUTION, MARKETS
from app.people.model import Person
from app.people.permissions import ASK_CHANGES
from app.remarks import Remark
from app.web import refusals
from app.web.actor import actor
from app.web.files import upload
from app.web.guards import guard
from app.web.parts import part

blueprint = Blueprint("change_requests", __name__, template_folder="templates")


@dataclass(frozen=True)
class Desk:
    """What the form needs to know: whose record, what it says, who works there, what is asked for already, and what to think of."""

    kind: Kind
    subject: Subject
    present: dict[str, Any]
    people: Sequence[Person]
    pending: Sequence[Change]
    draft: Change | None
    warnings: Sequence[Remark]

    @property
    def agent(self) -> Agent | None:
        return self.subject.agent

    @property
    def owners(self) -> list[Person]:
        """Who can have signed, where the institution keys in what shops ask for."""
        return [person for person in self.people if person.role == "owner"] if self.kind.is_for_shops and not actor().agent else []


@blueprint.get("/changes/new/<kind>")
@guard(ASK_CHANGES)
def new(kind: str) -> str:
    desk = desk_for(kind)
    return show(desk, form_of(desk))


@blueprint.post("/changes/new/<kind>")
@guard(ASK_CHANGES)
def ask(kind: str) -> Response | tuple[str, int]:
    desk = desk_for(kind)
    form = form_of(desk)
    if not form.validate_on_submit():
        return show(desk, form), 422
    try:
        made = request_change(wish_of(desk, form), keys=part(Config).scan_keys, now=clock.now())
    except UnsuitableScan as refusal:
        return show(desk, form, form.blame(refusal.errors)), 422
    except Invalid as refusal:
        return show(desk, form, form.blame(refusal.errors)), 422
    except DocumentUsed as refusal:
        return show(desk, form, form.blame({"document_number": refusals.sentence(refusal)})), refusal.status
    return redirect(url_for("changes.change", reference=made.reference), 303)


def desk_for(name: str) -> Desk:
    """
    :raises NotFound: if there is no such kind, shop or person
    :raises NotAllowed: if this role does not ask for it
    :raises DraftOfAnother: if the draft is of another kind
    """
    kind, person = KINDS.get(name), actor()
    if kind is None:
        raise NotFound
    if person.role not in kind.asked_by:
        raise NotAllowed
    with db.reading() as session:
        draft = draft_of(session, kind)
        if not kind.has_agent:
            subject = Subject(MARKETS.get(request.values.get("market", ""), INSTITUTION))
            return Desk(kind, subject, {}, [], [], draft, [])
        agent = find_agent(session, draft.agent or "" if draft else person.agent or request.args.get("agent", ""))
        people = session.scalars(select(Person).filter_by(agent=agent.number, removed_at=None).order_by(Person.id)).all()
        subject = Subject(MARKETS[agent.market], agent, person_of_page(kind, people))
        present = kind.before(session, subject) if kind.person != "one" or subject.person else {}
        warnings = kind.warn(session, subject)
        return Desk(kind, subject, present, people, pending_about_agent(session, agent.number, asker=person.agent), draft, warnings)


def draft_of(session: Session, kind: Kind) -> Change | None:
    """``?draft=C-…`` that this form completes, as what it is: its shop and its kind are not chosen again."""
    reference = request.args.get("draft", "")
    found = find_change(session, reference, agent=actor().agent) if reference else None
    if found and found.kind != kind.name:
        raise DraftOfAnother(change=found.reference, agent=found.agent or "")
    return found


def person_of_page(kind: Kind, people: Sequence[Person]) -> Person | None:
    """``?person=7``, else the asker, else the first owner."""
    if kind.person == "none":
        return None
    wanted = request.form.get("person") or request.args.get("person", "")
    if wanted:
        found = [person for person in people if str(person.id) == wanted]
        if not found:
            raise NotFound
        return found[0]
    ranked = sorted(people, key=lambda person: (person.id != actor().person, person.role != "owner", person.id))
    return ranked[0] if kind.person == "maybe" and ranked else None


def papers_asked_for(kind: Kind) -> list[Paper]:
    """Who asks for the own shop on the screen signs nothing; who keys in brings what was signed."""
    return kind.papers_needed("screen") if actor().agent else list(kind.papers)


def form_of(desk: Desk) -> AskForm:
    """What the record says, what a draft says, and what the link that led here names."""
    named = {field.name: request.args[field.name] for field in desk.kind.fields if field.name in request.args and field.is_asked}
    present = desk.present | (desk.draft.wanted if desk.draft else {}) | named
    return ask_form(desk.kind, desk.subject, present, desk.people, desk.owners)


def show(desk: Desk, form: AskForm, errors: Sequence[str] = ()) -> str:
    return render_template(
        "changes/new.html",
        desk=desk,
        kind=desk.kind,
        agent=desk.agent,
        form=form,
        errors=errors,
        version=version_of(desk.present),
        kinds=KINDS,
        first_day=today_in(desk.subject.market.code, clock.now()).isoformat(),
        papers=papers_asked_for(desk.kind),
        here=request.full_path.rstrip("?"),
    )


def wish_of(desk: Desk, form: AskForm) -> Wish:
    return Wish(
        kind=desk.kind.name,
        by=actor().by,
        agent=desk.agent.number if desk.agent else None,
        person=form.number("person") if desk.kind.person != "none" else None,
        wanted=form.wanted(desk.kind),
        reason=form.in_words(),
        effective_on=form.day(),
        on_behalf_of=form.number("on_behalf_of") if desk.owners else None,
        source="mail" if desk.draft and desk.draft.source == "mail" else "screen",
        version=form.version.data or "",
        scans={paper.name: content for paper in papers_asked_for(desk.kind) if (content := upload(paper.name))},
        draft=desk.draft.reference if desk.draft else None,
    )
