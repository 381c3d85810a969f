"""Write the file of a report where the command line says. It is recorded and sealed like any other."""

from collections.abc import Mapping
from datetime import datetime
from pathlib import Path

from app import audit, db
from app.errors import N_, Invalid
from app.reports.catalogue import Asker, find_report
from app.reports.make_file import FORMATS, Made, Order, make_file
from app.reports.model import READY, Export
from app.reports.read_filter import read_filter
from app.reports.references import new_id


def write_file(report: str, given: Mapping[str, str], path: Path, *, asker: Asker, key: bytes, now: datetime) -> Made:
    """
    A journey with transactions of its own. The file is there whole or not at all.

    :param given: see :func:`app.reports.read_filter.read_filter`
    :param path: ends in ``.xlsx`` or ``.csv``; what was there is replaced
    :raises NotFound: if there is no such report
    :raises Invalid: naming each field that is wrong
    :raises TooManyRows: …
    :raises OSError: if it cannot be written
    """
    declared, format = find_report(report, asker=asker), path.suffix.removeprefix(".").lower()
    with db.reading() as session:
        wanted = read_filter(session, declared, given, asker=asker)
    if format not in FORMATS:
        raise Invalid(out=N_("The name of the file ends in .xlsx or .csv."))
    order = Order(id=new_id(), report=declared, wanted=wanted, format=format, language=asker.language, by=asker.by)
    draft = path.with_name(f".{path.name}.{order.id}")
    try:
        with draft.open("xb") as sink, db.snapshot(replica=True) as session:
            made = make_file(session, order, sink, key=key, now=now)
        note(order, made, asker=asker, now=now)
        draft.replace(path)
    finally:
        draft.unlink(missing_ok=True)
    return made


def note(order: Order, made: Made, *, asker: Asker, now: datetime) -> None:
    """By this record the file can be verified row by row; the file itself is not kept here."""
    with db.transaction() as session:
        session.add(
            Export(
                id=order.id, report=order.report.name, filters=order.wanted.facts(), format=order.format, language=order.language,
                asked_by=asker.by, agent=asker.agent, asked_at=now, state=READY, done=made.rows, total=made.rows, ended_at=now,
                facts=made.told, seal=made.seal, row_checks=made.checks.tobytes(),
            )
        )  # fmt: skip
        audit.record(session, "export.taken", about=order.id, by=asker.by, at=now, report=order.report.name, **order.wanted.facts())
