"""What a file says about itself: on the parameter sheet of a workbook, in the last lines of a CSV, under the seal."""

from dataclasses import dataclass
from datetime import datetime

from app import languages
from app.errors import N_
from app.reports.filters import Filter
from app.reports.report import Report
from app.reports.seal import Fact
from app.reports.totals import Total

LABELS = {
    "report": N_("Report"),
    "id": N_("Report id"),
    "from": N_("From"),
    "to": N_("To (this day included)"),
    "zone": N_("Time zone"),
    "agent": N_("Agent"),
    "biller": N_("Biller"),
    "state": N_("State"),
    "person": N_("Person: phone or a part of the name"),
    "thing": N_("Thing: its own number"),
    "made_at": N_("Made at"),
    "made_for": N_("Made for"),
    "rows": N_("Rows"),
    "seal": N_("Seal"),
}
SUM_OF = N_("Sum of {column}")


@dataclass(frozen=True)
class Plan:
    """
    What a file will hold.

    :ivar id: not to be guessed; the file's name for ever
    """

    id: str
    report: Report
    totals: list[Total]
    language: str

    @property
    def rows(self) -> int:
        return sum(total.rows for total in self.totals)


def facts_of(plan: Plan, wanted: Filter, *, by: str, now: datetime) -> dict[str, Fact]:
    """``sum:<place of the column>:<currency>`` is a sum; times are those of the filter's zone."""
    facts: dict[str, Fact] = {"report": plan.report.name, "id": plan.id, **wanted.facts()}
    facts |= {"made_at": now.astimezone(wanted.zone).isoformat(timespec="seconds"), "made_for": by, "rows": plan.rows}
    for total in plan.totals:
        facts |= {f"sum:{place}:{total.currency}": amount for place, amount in zip(plan.report.totals, total.sums, strict=True)}
    return facts


def label(name: str, report: Report, language: str) -> str:
    if name.startswith("sum:"):
        column = report.columns[int(name.split(":")[1])]
        return languages.say(SUM_OF, language, column=languages.translate(column.title, language))
    return languages.translate(LABELS[name], language)
