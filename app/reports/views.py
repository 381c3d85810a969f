"""``/reports``: which there are for this person, and the first rows of one with its sums."""

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

from flask import Blueprint, render_template, request

from app import amounts, clock, db, languages
from app.billers.queries import billers_of
from app.errors import N_
from app.money import Money
from app.people.permissions import SEE_REPORTS
from app.reports.catalogue import CATALOGUE, Asker, find_report, reports_for
from app.reports.preview import Preview, preview
from app.reports.queries import list_exports
from app.reports.read_filter import read_filter
from app.reports.report import Kind, Report
from app.web import display
from app.web.actor import actor
from app.web.guards import guard
from app.web.language import language

blueprint = Blueprint("reports", __name__, template_folder="templates")

RECENT = 10
ONE_DAY = timedelta(days=1)


@blueprint.get("/reports")
@guard(SEE_REPORTS)
def reports() -> str:
    asker, now = Asker.of(actor()), clock.now()
    with db.reading() as session:
        exports = list_exports(session, asker=asker, limit=RECENT)
    return render_template(
        "reports/reports.html",
        reports=reports_for(asker),
        shortcuts=shortcuts(clock.today(asker.market.zone)),
        exports=[(export, CATALOGUE[export.report].title, export.state_at(now)) for export in exports],
    )


def shortcuts(today: date) -> list[tuple[str, date, date]]:
    this_month = today.replace(day=1)
    end_of_last = this_month - ONE_DAY
    return [
        (N_("Today"), today, today),
        (N_("Yesterday"), today - ONE_DAY, today - ONE_DAY),
        (N_("This month"), this_month, today),
        (N_("Last month"), end_of_last.replace(day=1), end_of_last),
    ]


@blueprint.get("/reports/<name>")
@guard(SEE_REPORTS)
def report(name: str) -> str:
    asker = Asker.of(actor())
    declared = find_report(name, asker=asker)
    today = clock.today(asker.market.zone).isoformat()
    given = {"from": today, "to": today} | request.args.to_dict()
    return render_template(
        "reports/report.html",
        report=declared,
        given=given,
        seen=see(declared, given, asker),
        billers=billers_of(asker.market if asker.agent else None),
    )


@dataclass(frozen=True)
class Seen:
    """
    The preview as the template shows it.

    :ivar columns: title, and whether numbers stand there; :ivar sums: rows of one currency, and its titled sums
    """

    columns: list[tuple[str, bool]]
    rows: list[list[str]]
    count: int
    sums: list[tuple[int, list[tuple[str, Money]]]]

    @property
    def is_all(self) -> bool:
        return len(self.rows) == self.count


def see(declared: Report, given: dict[str, str], asker: Asker) -> Seen | None:
    """``None`` until it is said which agent the report is about."""
    if declared.needs_agent and not (asker.agent or given.get("agent")):
        return None
    with db.snapshot(replica=True) as session:
        wanted = read_filter(session, declared, given, asker=asker)
        found = preview(session, declared, wanted, language=language())
    return Seen(
        columns=[(title, column.kind in (Kind.MONEY, Kind.INTEGER)) for title, column in zip(found.titles, declared.columns, strict=True)],
        rows=[[in_words(value, wanted.zone) for value in row] for row in found.rows],
        count=found.count,
        sums=titled_sums(declared, found),
    )


def in_words(value: object, zone: ZoneInfo) -> str:
    match value:
        case None:
            return ""
        case Money():
            return amounts.money(value, language())
        case datetime():
            return display.moment(value, language(), zone)
        case date():
            return languages.day(value, language())
    return str(value)


def titled_sums(declared: Report, found: Preview) -> list[tuple[int, list[tuple[str, Money]]]]:
    titles = [found.titles[place] for place in declared.totals]
    return [(total.rows, list(zip(titles, total.sums, strict=True))) for total in found.totals]
