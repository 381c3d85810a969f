"""Money in: our bank accounts, deposits, and bank statements from files."""

from collections.abc import Sequence
from typing import Any

from flask import request
from sqlalchemy.orm import Session
from werkzeug.datastructures import FileStorage

from app import clock, db
from app.api.bank_schemas import (
    AssignmentIn,
    BankAccountList,
    DecisionIn,
    DepositList,
    DepositOut,
    DepositQuery,
    DismissalIn,
    NoteIn,
    StatementFileIn,
    StatementList,
)
from app.api.book import number
from app.api.parsing import Blueprint
from app.api.step_up import PARAMETER, confirmed_by_header
from app.api.times import moment, stamp, stamp_or_none
from app.bank import queries
from app.bank.desk_queries import proposals_about
from app.bank.incoming.bring_files import bring_files
from app.bank.incoming.keep_file import BankFile
from app.bank.incoming.statement_queries import StatementReport, reports_on
from app.bank.model import Deposit
from app.bank.money_clock import money_clock
from app.bank.propose_decision import Wish, decide_or_propose, decide_proposal, mark, open_proposal
from app.bank.statement.statement import shown
from app.errors import N_, Invalid, NotAllowed, NotFound
from app.people.permissions import ASSIGN_DEPOSITS, DECIDE_DEPOSITS, IMPORT_STATEMENTS, SEE_DEPOSITS, SEE_OWN_BALANCE, SEE_OWN_STATEMENT
from app.people.queries import phone_for_transfers
from app.phones import as_typed
from app.remarks import Remark
from app.web.actor import actor, shop
from app.web.guards import guard, signed_in
from app.web.language import language

blueprint = Blueprint("api-bank", __name__, url_prefix="/api/v1", description="Our bank accounts, deposits and statements")


@blueprint.route("/bank-accounts", methods=["GET"])
@guard(SEE_OWN_BALANCE)
@blueprint.response(200, BankAccountList)
def bank_accounts() -> dict[str, Any]:
    """Where this shop sends its money, and what it writes into the transfer."""
    person = actor()
    with db.reading() as session:
        accounts = queries.bank_accounts_of(session, person.market)
        reference = as_typed(phone_for_transfers(session, shop(), person=person.person))
    items = [
        {"iban": account.iban, "bank": account.bank, "currency": account.currency, "reference": reference} for account in accounts
    ]  # fmt: skip
    return {"items": items, "next": None}


@blueprint.route("/deposits", methods=["GET"])
@signed_in
@blueprint.arguments(DepositQuery(), location="query")
@blueprint.response(200, DepositList)
def deposits(query: dict[str, str]) -> dict[str, Any]:
    """The oldest first; an owner sees the own agent's."""
    with db.reading() as session:
        found = queries.list_deposits(
            session,
            agent=whose(),
            state=query.get("state"),
            since=moment(query.get("since"), "from"),
            after=number(query.get("cursor")),
        )
    return {"items": [deposit_json(deposit) for deposit in found], "next": str(found[-1].id) if len(found) == queries.PAGE else None}


@blueprint.route("/deposits/<reference>", methods=["GET"])
@signed_in
@blueprint.response(200, DepositOut)
def deposit(reference: str) -> dict[str, Any]:
    """One deposit as it stands now."""
    with db.reading() as session:
        found = queries.find_deposit(session, reference, agent=whose())
        return with_proposal(session, found) if actor().may(SEE_DEPOSITS) else deposit_json(found)


def whose() -> str | None:
    """The agent whose deposits may be seen; ``None`` for all."""
    person = actor()
    if person.may(SEE_DEPOSITS):
        return None
    if not person.may(SEE_OWN_STATEMENT):
        raise NotAllowed
    return shop()


def deposit_json(deposit: Deposit) -> dict[str, Any]:
    """Why it was matched or not may name other agents: only the institution reads it."""
    shared = {
        "reference": deposit.reference,
        "state": str(deposit.state),
        "account": deposit.iban,
        "amount": deposit.amount,
        "currency": deposit.currency,
        "day": deposit.day,
        "value_date": deposit.value_date,
        "sender_name": deposit.sender_name,
        "sender_iban": deposit.sender_iban,
        "text": deposit.text,
        "bank_reference": deposit.bank_reference,
        "agent": deposit.agent,
        "booked_at": stamp_or_none(deposit.booked_at),
        "seen_at": stamp(deposit.seen_at),
        "matched_at": stamp_or_none(deposit.matched_at),
        "credited_at": stamp_or_none(deposit.credited_at),
        "ended_at": stamp_or_none(deposit.ended_at),
        "late": money_clock(deposit, now=clock.now()).late,
    }
    if not actor().may(SEE_DEPOSITS):
        return shared
    return shared | {
        "suggested": deposit.suggested,
        "why": [Remark.from_json(remark).in_words(language()) for remark in deposit.trace],
    }


@blueprint.route("/deposits/<reference>/assignment", methods=["POST"])
@guard(ASSIGN_DEPOSITS)
@blueprint.arguments(AssignmentIn())
@blueprint.response(200, DepositOut)
@blueprint.alt_response(202, schema=DepositOut, description="Proposed: another person decides it")
def assign(body: dict[str, str], reference: str) -> tuple[dict[str, Any], int]:
    """Out of suspense to the agent it is meant for."""
    return act(reference, Wish(kind="assign", agent=body["agent"], note=body["note"]))


@blueprint.route("/deposits/<reference>/reassignment", methods=["POST"])
@guard(ASSIGN_DEPOSITS)
@blueprint.arguments(AssignmentIn())
@blueprint.response(200, DepositOut)
@blueprint.alt_response(202, schema=DepositOut, description="Proposed: another person decides it")
def reassign(body: dict[str, str], reference: str) -> tuple[dict[str, Any], int]:
    """From the wrong agent to the right one; both postings stay visible."""
    return act(reference, Wish(kind="reassign", agent=body["agent"], note=body["note"]))


@blueprint.route("/deposits/<reference>/return", methods=["POST"])
@guard(ASSIGN_DEPOSITS)
@blueprint.arguments(NoteIn())
@blueprint.response(200, DepositOut)
@blueprint.alt_response(202, schema=DepositOut, description="Proposed: another person decides it")
def give_back(body: dict[str, str], reference: str) -> tuple[dict[str, Any], int]:
    """Out of suspense back to whoever sent it: ``returning`` until the bank shows that the money has left."""
    return act(reference, Wish(kind="return", note=body["note"]))


@blueprint.route("/deposits/<reference>/dismissal", methods=["POST"])
@guard(ASSIGN_DEPOSITS)
@blueprint.arguments(DismissalIn())
@blueprint.response(200, DepositOut)
@blueprint.alt_response(202, schema=DepositOut, description="Proposed: another person decides it")
def dismiss(body: dict[str, str], reference: str) -> tuple[dict[str, Any], int]:
    """It is no top-up: ``biller:<code>``, ``bank:<iban>`` or ``cost:bank`` says whose the money is."""
    return act(reference, Wish(kind="dismiss", target=body["target"], note=body["note"]))


def act(reference: str, wish: Wish) -> tuple[dict[str, Any], int]:
    with db.transaction() as session:
        proposal = decide_or_propose(session, reference, wish, by=actor().by, now=clock.now())
        return with_proposal(session, queries.find_deposit(session, reference, agent=None)), 202 if proposal else 200


def with_proposal(session: Session, deposit: Deposit) -> dict[str, Any]:
    """What waits for a second person stands beside the deposit."""
    waits = open_proposal(session, deposit.reference)
    shown = {
        "id": waits.id,
        "kind": waits.kind,
        "agent": waits.agent,
        "target": waits.target,
        "note": waits.note,
        "proposed_at": stamp(waits.proposed_at),
        "version": mark(waits),
    } if waits else None  # fmt: skip
    return deposit_json(deposit) | {"proposal": shown}


@blueprint.route("/deposits/<reference>/decision", methods=["POST"])
@guard(DECIDE_DEPOSITS)
@confirmed_by_header
@blueprint.doc(parameters=[PARAMETER])
@blueprint.arguments(DecisionIn())
@blueprint.response(200, DepositOut)
def decide(body: dict[str, Any], reference: str) -> dict[str, Any]:
    """Another person agrees to what is proposed, or refuses it."""
    with db.transaction() as session:
        queries.find_deposit(session, reference, agent=None)
        newest = proposals_about(session, reference)
        if not newest:
            raise NotFound
        done = decide_proposal(
            session,
            newest[0].id,
            granted=body["granted"],
            answer=body.get("reason", ""),
            seen=body["version"],
            by=actor().by,
            now=clock.now(),
        )
        return with_proposal(session, done)


@blueprint.route("/bank/statements", methods=["POST"])
@guard(IMPORT_STATEMENTS)
@blueprint.arguments(StatementFileIn(), location="files")
@blueprint.response(200, StatementList)
def bring_statements(files: dict[str, FileStorage]) -> dict[str, Any]:
    """What became of each statement of a bank file or of several in a zip; bringing one again changes nothing."""
    only_what_is_known()
    file = BankFile(files["file"].read(), files["file"].filename or "upload", "upload", actor().by, request.form.get("account", ""))
    brought = bring_files(file, now=clock.now())
    with db.reading() as session:
        reports = reports_on(session, brought.imported)
    return {
        "statements": [statement_json(report) for report in reports],
        "unreadable": [{"file": name, "reason": why.in_words(language())} for name, why in brought.unreadable],
    }


def only_what_is_known() -> None:
    """What a form says beside, or twice, is refused like everywhere else."""
    for name in request.form.keys() - {"account"}:
        raise Invalid(**{name: N_("This field is not known here.")})
    for name, values in (("file", request.files.getlist("file")), ("account", request.form.getlist("account"))):
        if len(values) > 1:
            raise Invalid(**{name: N_("This field is there twice.")})


def statement_json(report: StatementReport) -> dict[str, Any]:
    return {
        "format": report.format,
        "account": report.account,
        "currency": report.currency,
        "first_day": report.first_day.isoformat() if report.first_day else None,
        "last_day": report.last_day.isoformat() if report.last_day else None,
        "state": report.state,
        "reason": report.why.in_words(language()) if report.why else None,
        "bookings": report.bookings,
        "credits": side_json(report.credits),
        "debits": side_json(report.debits),
        "opening": shown(report.opening) if report.opening is not None else None,
        "closing": shown(report.closing) if report.closing is not None else None,
        "new": report.new,
        "known": report.known,
        "credited": report.credited,
        "suspense": report.suspense,
    }


def side_json(side: Sequence[int]) -> dict[str, Any]:
    count, total = side
    return {"count": count, "sum": shown(total)}
