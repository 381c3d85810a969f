"""``/audit``: who did what, when and from where."""

from flask import Blueprint, render_template, request

from app import db
from app.home.audit_trail import PAGE, list_lines, read_filter
from app.people.permissions import SEE_AUDIT
from app.web.actor import actor
from app.web.guards import guard

blueprint = Blueprint("audit", __name__, template_folder="templates")


@blueprint.get("/audit")
@guard(SEE_AUDIT)
def audit() -> str:
    typed = {name: request.args.get(name, "").strip()[:100] for name in ("person", "thing", "day")}
    with db.reading() as session:
        wanted = read_filter(session, **typed, cursor=request.args.get("cursor", ""), zone=actor().market.zone)
        lines = list_lines(session, wanted)
    return render_template("home/audit.html", typed=typed, lines=lines, more=len(lines) == PAGE)
