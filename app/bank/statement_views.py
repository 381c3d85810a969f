"""``/statements``: what became of each bank statement; bringing a file, and letting one out of quarantine."""

from flask import Blueprint, flash, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from app import clock, db
from app.amounts import hundredths
from app.bank.credit_deposits import credit_deposits
from app.bank.forms import ReleaseForm, UploadForm
from app.bank.incoming import statement_queries
from app.bank.incoming.bring_files import bring_files
from app.bank.incoming.keep_file import BankFile
from app.bank.incoming.release_statement import release_statement
from app.bank.model import BankStatement, StatementState
from app.bank.queries import open_accounts, silent_accounts
from app.errors import N_, NotFound
from app.people.confirmed import confirmed
from app.people.permissions import IMPORT_STATEMENTS, RELEASE_STATEMENTS, SEE_DEPOSITS
from app.people.queries import names_by
from app.remarks import Remark
from app.web.actor import actor
from app.web.forms import SelectChoice
from app.web.guards import guard
from app.web.inputs import read_cursor
from app.web.language import _, language
from app.web.refusals import shown

blueprint = Blueprint("statements", __name__, template_folder="templates")

STATES = [state.value for state in StatementState]
TOOK = N_(
    "{statements} statements: {new} new bookings, {known} known; {credited} credited, {suspense} to match, {quarantined} in quarantine."
)


@blueprint.get("/statements")
@guard(SEE_DEPOSITS)
def statements() -> str:
    return list_with(upload_form())


def upload_form() -> UploadForm:
    """Nearly every file names its account; of the others somebody has to know it."""
    form = UploadForm()
    with db.reading() as session:
        accounts = open_accounts(session)
    ours = [SelectChoice(account.iban, f"{account.label} · {account.iban}") for account in accounts]
    form.account.choices = [SelectChoice("", _(N_("as the file says"))), *ours]
    return form


def list_with(form: UploadForm) -> str:
    state = request.args.get("state") if request.args.get("state") in STATES else None
    if state == StatementState.QUARANTINED:
        return quarantine()
    with db.reading() as session:
        reports = statement_queries.last_statements(session, state=state, before=read_cursor())
        unreadable = statement_queries.unreadable_files(session)
        silent = silent_accounts(session, now=clock.now())
    return render_template(
        "bank/statements.html",
        reports=reports,
        unreadable=[(file, Remark.from_json(file.unreadable or {}).in_words(language())) for file in unreadable],
        silent=silent,
        state=state,
        states=STATES,
        form=form,
        sum=sum_in_words,
        more=len(reports) == statement_queries.PAGE,
    )


def quarantine() -> str:
    with db.reading() as session:
        quarantined = statement_queries.quarantined_statements(session)
    return render_template("bank/quarantine.html", report=None, quarantined=quarantined, now=clock.now())


def sum_in_words(amount: int, currency: str) -> str:
    """A bank may keep currencies that our book does not."""
    return str(shown(hundredths(amount, currency), language()))


@blueprint.post("/statements")
@guard(IMPORT_STATEMENTS)
def upload() -> Response | tuple[str, int]:
    form = upload_form()
    if not form.validate_on_submit():
        return list_with(form), 422
    file = BankFile(form.file.data.read(), form.file.data.filename or "upload", "upload", actor().by, form.account.data)
    brought = bring_files(file, now=clock.now())
    with db.reading() as session:
        reports = statement_queries.reports_on(session, brought.imported)
    flash(_(TOOK).format_map(statement_queries.totals(reports)), "done")
    for name, why in brought.unreadable:
        flash(f"{name}: {why.in_words(language())}", "refusal")
    return redirect(url_for("statements.statements"), 303)


@blueprint.get("/statements/<number:number>")
@guard(SEE_DEPOSITS)
def statement(number: int) -> str:
    return page_of(number, ReleaseForm())


def page_of(number: int, form: ReleaseForm) -> str:
    with db.reading() as session:
        row = session.get(BankStatement, number)
        if row is None:
            raise NotFound
        (report,) = statement_queries.reports_of(session, [number])
        bookings = statement_queries.bookings_in(session, number)
        persons = names_by(session, [row.released_by or ""])
        waits = report.state == StatementState.QUARANTINED
        quarantined = statement_queries.quarantined_statements(session) if waits else []
    return render_template(
        "bank/quarantine.html" if waits else "bank/statement.html",
        report=report,
        quarantined=quarantined,
        now=clock.now(),
        reason=report.why.in_words(language()) if report.why else "",
        notes=[note.in_words(language()) for note in report.notes],
        bookings=bookings,
        released_at=row.released_at,
        release_note=row.release_note,
        released_by=persons.get(row.released_by or "", row.released_by),
        form=form,
        sum=sum_in_words,
    )


@blueprint.post("/statements/<number:number>/release")
@guard(RELEASE_STATEMENTS)
@confirmed
def release(number: int) -> Response | tuple[str, int]:
    form = ReleaseForm()
    if not form.validate_on_submit():
        return page_of(number, form), 422
    with db.transaction() as session:
        release_statement(session, number, note=form.in_words(), by=actor().by, now=clock.now())
    credit_deposits(now=clock.now())
    return redirect(url_for("statements.statement", number=number), 303)
