"""``/reasons``: which ready reasons are offered where one is asked; adding and ending one."""

from datetime import date

from flask import Blueprint, flash, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from app import clock, db
from app.errors import N_, Invalid
from app.languages import NAMES, translate
from app.people.permissions import FIND_PAYMENTS, SET_REASONS
from app.people.queries import names_by
from app.reasons.add_reason import LAST_POSITION, LONGEST_SENTENCE, add_reason, end_reason
from app.reasons.model import PURPOSES, ReadyReason
from app.reasons.queries import everything
from app.web.actor import actor
from app.web.guards import guard
from app.web.inputs import read_day
from app.web.language import _, language

blueprint = Blueprint("reasons", __name__, template_folder="templates")

USUAL_POSITION = 100  # after those that come with the program


@blueprint.get("/reasons")
@guard(FIND_PAYMENTS)
def reasons() -> str:
    return page({"purpose": request.args.get("purpose", "")}, {})


def page(typed: dict[str, str], errors: dict[str, str]) -> str:
    """:param typed: what was sent, to be shown again; :param errors: what is wrong with it, by field"""
    today = clock.today(actor().market.zone)
    with db.reading() as session:
        found = everything(session)
        who = names_by(session, {by for one in found for by in (one.added_by, one.ended_by or "")})
    lists = {purpose: [one for one in found if one.purpose == purpose] for purpose in PURPOSES}
    return render_template(
        "home/reasons.html",
        lists={purpose: [(one, shown(one), is_over(one, today)) for one in ones] for purpose, ones in lists.items()},
        purposes=PURPOSES,
        typed={"first_day": today.isoformat(), "position": str(USUAL_POSITION)} | typed,
        errors=errors,
        languages=NAMES,
        longest=LONGEST_SENTENCE,
        last_position=LAST_POSITION,
        who=who,
        today=today,
    )


def shown(reason: ReadyReason) -> list[tuple[str, str]]:
    """The sentence with its language: of those that come with the program in the reader's, of the others each."""
    if reason.sentence:
        return [(language(), translate(reason.sentence, language()))]
    return [(tongue, reason.words[tongue]) for tongue in NAMES if tongue in reason.words]


def is_over(reason: ReadyReason, today: date) -> bool:
    return reason.ended_at is not None or (reason.last_day is not None and reason.last_day < today)


@blueprint.post("/reasons")
@guard(SET_REASONS)
def add() -> Response | tuple[str, int]:
    form = request.form
    try:
        first_day, last_day = read_day("first_day"), read_day("last_day")
        if first_day is None:
            raise Invalid(first_day=N_("A day such as 2026-10-31 is needed."))
        with db.transaction() as session:
            add_reason(
                session,
                purpose=form.get("purpose", ""),
                words={tongue: form.get(f"words-{tongue}", "") for tongue in NAMES},
                position=read_position(),
                first_day=first_day,
                last_day=last_day,
                by=actor().by,
                now=clock.now(),
            )
    except Invalid as refusal:
        return page(form.to_dict(), refusal.errors), 422
    flash(_(N_("Added. It is offered from that day on.")), "done")
    return redirect(url_for("reasons.reasons", _anchor=form["purpose"]), 303)


def read_position() -> int:
    """What is no number is none that the verb takes."""
    typed = request.form.get("position", "")
    return int(typed) if typed.isascii() and typed.isdecimal() and len(typed) < 10 else -1


@blueprint.post("/reasons/<number:number>/end")
@guard(SET_REASONS)
def end(number: int) -> Response:
    with db.transaction() as session:
        reason = end_reason(session, number, by=actor().by, now=clock.now())
    return redirect(url_for("reasons.reasons", _anchor=reason.purpose), 303)
