"""Files of reports: asked for, watched, taken."""

from typing import Any

from flask import Response, url_for

from app import clock, db
from app.api.parsing import Blueprint
from app.api.schemas import ExportAsked, ExportOut, ExportRequest
from app.api.times import stamp, stamp_or_none
from app.people.permissions import SEE_REPORTS
from app.reports.catalogue import Asker
from app.reports.model import Export
from app.reports.open_export import open_export
from app.reports.queries import find_export
from app.reports.request_export import request_export
from app.web.actor import actor
from app.web.downloads import download
from app.web.guards import guard

blueprint = Blueprint("api-exports", __name__, url_prefix="/api/v1", description="Files of reports")


@blueprint.route("/exports", methods=["POST"])
@guard(SEE_REPORTS)
@blueprint.arguments(ExportRequest())
@blueprint.response(202, ExportAsked)
def ask(body: dict[str, Any]) -> tuple[dict[str, str], dict[str, str]]:
    """The file is made in the background."""
    given = {"from": body["first_day"], "to": body["last_day"], **body["filters"]}
    with db.transaction() as session:
        asker = Asker.of(actor())
        id = request_export(session, body["report"], given, format=body["format"], asker=asker, now=clock.now()).id
    return {"id": id}, {"Location": url_for("api-exports.export", id=id)}


@blueprint.route("/exports/<id>", methods=["GET"])
@guard(SEE_REPORTS)
@blueprint.response(200, ExportOut)
def export(id: str) -> dict[str, Any]:
    """How far it is: ``done`` rows of ``total``, which is null until they are counted."""
    with db.reading() as session:
        found = find_export(session, id, asker=Asker.of(actor()))
    return export_json(found)


def export_json(export: Export) -> dict[str, Any]:
    return {
        "id": export.id,
        "state": export.state,
        "done": export.done,
        "total": export.total,
        "report": export.report,
        "format": export.format,
        "filters": export.filters,
        "asked_at": stamp(export.asked_at),
        "expires_at": stamp_or_none(export.expires_at),
        "seal": export.seal,
        "error": export.error or None,
    }


@blueprint.route("/exports/<id>/file", methods=["GET"])
@guard(SEE_REPORTS)
@blueprint.response(200, {"type": "string", "format": "binary"}, content_type="application/octet-stream")
@blueprint.alt_response(409, description="pending: it is still being made")
def file(id: str) -> Response:
    """The file itself, for a day after it was made."""
    opened = open_export(id, asker=Asker.of(actor()), now=clock.now())
    return download(opened.pieces, name=opened.name, media_type=opened.media_type, size=opened.size)
