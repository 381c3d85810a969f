"""The audit trail: who did what in these days, when and from where."""

from sqlalchemy import Text, cast, func, select

from app.audit import AuditLine
from app.errors import N_
from app.people.find_persons import is_called
from app.people.model import Person
from app.people.permissions import SEE_AUDIT
from app.reports.filters import Filter
from app.reports.report import DATETIME, INTEGER, TEXT, Column, Report, Rows

DOER = func.concat("person:", Person.id)


def lines_between(wanted: Filter) -> Rows:
    """In the order of their numbers. The name is outer joined: no line is lost for want of one."""
    question = (
        select(
            AuditLine.id,
            AuditLine.at,
            AuditLine.by,
            Person.name.label("person"),
            AuditLine.address,
            AuditLine.event,
            AuditLine.about,
            cast(AuditLine.facts, Text).label("facts"),
        )
        .outerjoin(Person, AuditLine.by == DOER)
        .where(AuditLine.at >= wanted.since, AuditLine.at < wanted.until)
        .order_by(AuditLine.id)
    )
    if wanted.thing is not None:
        question = question.where(AuditLine.about == wanted.thing)
    if wanted.person is not None:
        doers = AuditLine.by == wanted.person if ":" in wanted.person else AuditLine.by.in_(select(DOER).where(is_called(wanted.person)))
        question = question.where(doers)
    return question


AUDIT = Report(
    name="audit",
    title=N_("Audit trail"),
    permission=SEE_AUDIT,
    rows=lines_between,
    filters=("person", "thing"),
    columns=(
        Column(N_("No"), INTEGER),
        Column(N_("At"), DATETIME),
        Column(N_("By"), TEXT),
        Column(N_("Person"), TEXT),
        Column(N_("From where"), TEXT),
        Column(N_("What"), TEXT),
        Column(N_("Thing"), TEXT),
        Column(N_("Details"), TEXT),
    ),
)
