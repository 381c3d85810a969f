"""On whatever page somebody went on to: the file that was asked for in this browser is ready, or was not made."""

from flask import request, session
from markupsafe import Markup
from sqlalchemy import select

from app import db
from app.reports.catalogue import CATALOGUE, Asker
from app.reports.model import FAILED, READY, Export
from app.web.actor import actor_or_none
from app.web.slots import drawn, fill

WAITED_FOR = "exports"


def install() -> None:
    fill("top-of-page", notice)


def wait_for(id: str) -> None:
    session[WAITED_FOR] = [*session.get(WAITED_FOR, []), id]


def stop_waiting_for(id: str) -> None:
    """Its own page tells what became of it."""
    if id in session.get(WAITED_FOR, []):
        session[WAITED_FOR] = [other for other in session[WAITED_FOR] if other != id]


def notice() -> Markup:
    """Each is told once; asks the database only while somebody waits."""
    person, waited_for = actor_or_none(), session.get(WAITED_FOR, [])
    if person is None or not waited_for or "HX-Request" in request.headers:
        return Markup("")
    over = select(Export).where(Export.id.in_(waited_for), Export.asked_by == Asker.of(person).by, Export.state.in_((READY, FAILED)))
    with db.reading() as reading:
        exports = reading.scalars(over.order_by(Export.asked_at)).all()
    for export in exports:
        stop_waiting_for(export.id)
    return drawn("reports/_notice.html", exports=[(export, CATALOGUE[export.report].title) for export in exports])
