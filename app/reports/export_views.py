"""``/exports``: a file is asked for, watched while it is made, taken, or no longer wanted."""

from typing import Any

from flask import Blueprint, Response, redirect, render_template, request, url_for
from werkzeug.wrappers import Response as AnyResponse

from app import clock, db
from app.people.permissions import SEE_REPORTS
from app.reports.catalogue import CATALOGUE, Asker
from app.reports.facts import label
from app.reports.model import Export
from app.reports.notice_views import stop_waiting_for, wait_for
from app.reports.open_export import file_name, open_export
from app.reports.queries import find_export
from app.reports.request_export import cancel_export, request_export
from app.web.actor import actor
from app.web.downloads import download
from app.web.guards import guard
from app.web.language import _, language

blueprint = Blueprint("exports", __name__, template_folder="templates")

OUR_FIELDS = ("csrf_token", "report", "format")
SHOWN = ("id", "agent", "biller", "state", "person", "thing", "rows", "seal")


@blueprint.post("/exports")
@guard(SEE_REPORTS)
def ask() -> AnyResponse:
    form = request.form
    given = {name: text for name, text in form.items() if name not in OUR_FIELDS}
    with db.transaction() as session:
        report, format = form.get("report", ""), form.get("format", "")
        id = request_export(session, report, given, format=format, asker=Asker.of(actor()), now=clock.now()).id
    wait_for(id)
    return redirect(url_for("exports.export", id=id), 303)


@blueprint.get("/exports/<id>")
@guard(SEE_REPORTS)
def export(id: str) -> str:
    with db.reading() as session:
        found = find_export(session, id, asker=Asker.of(actor()))
    if found.ended_at:
        stop_waiting_for(id)
    return render_template(
        "reports/export.html",
        export=found,
        state=found.state_at(clock.now()),
        title=CATALOGUE[found.report].title,
        name=file_name(found),
        facts=facts_told(found),
        again=url_for("reports.report", name=found.report, **filters_of(found)),
    )


def filters_of(export: Export) -> dict[str, Any]:
    """As the report's own page takes them; the zone follows from who asks."""
    return {name: text for name, text in export.filters.items() if name != "zone"}


def facts_told(export: Export) -> list[tuple[str, str]]:
    report, told = CATALOGUE[export.report], {"id": export.id, **filters_of(export)}
    if export.seal:
        told |= {"rows": str(export.total), "seal": export.seal}
    return [(label(name, report, language()), _(report.states.get(told[name], told[name]))) for name in SHOWN if name in told]


@blueprint.get("/exports/<id>/file")
@guard(SEE_REPORTS)
def file(id: str) -> Response:
    opened = open_export(id, asker=Asker.of(actor()), now=clock.now())
    return download(opened.pieces, name=opened.name, media_type=opened.media_type, size=opened.size)


@blueprint.post("/exports/<id>/cancellation")
@guard(SEE_REPORTS)
def cancel(id: str) -> AnyResponse:
    with db.transaction() as session:
        cancel_export(session, id, asker=Asker.of(actor()), now=clock.now())
    return redirect(url_for("exports.export", id=id), 303)
