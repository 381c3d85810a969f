"""``/privacy``: people ask for a copy of their data or for their erasure (C27); and the certificates of destroyed scans."""

from flask import Blueprint, Response, redirect, render_template, url_for
from sqlalchemy import select
from werkzeug.wrappers import Response as AnyResponse
from wtforms import BooleanField, RadioField
from wtforms.validators import InputRequired, Length, Regexp
from wtforms.widgets import TextArea

from app import clock, db
from app.config import Config
from app.documents.certify_destruction import print_certificate
from app.documents.forget_data import still_found
from app.documents.personal_copy import may_be_taken, personal_copy
from app.documents.privacy_model import COPY, ERASURE, PrivacyRequest
from app.errors import N_
from app.people.permissions import DECIDE_PRIVACY, RECORD_PRIVACY, SEE_AUDIT, SEE_PRIVACY
from app.people.privacy_request import decide_request, find_request, record_request
from app.people.queries import names_by
from app.web.actor import actor
from app.web.files import download, paper
from app.web.forms import Form, SelectChoice, TextField
from app.web.guards import guard
from app.web.language import language
from app.web.parts import part

blueprint = Blueprint("privacy", __name__, template_folder="templates")

LAST = 100
KINDS = ((COPY, N_("A copy of the data")), (ERASURE, N_("The erasure of the data")))

FOUND = {
    "payment": N_("payments"),
    "inquiry": N_("questions by SMS and mail"),
    "intake": N_("mails with papers"),
    "bill_copy": N_("copies of bills"),
    "message": N_("messages"),
    "e_bill": N_("e-bill addresses"),
    "former_phone": N_("former phones"),
    "person": N_("persons who sign in"),
    "session": N_("sessions"),
    "scans": N_("scans"),
}


class RequestForm(Form):
    kind = RadioField(
        N_("What is asked for"),
        choices=lambda: [SelectChoice(kind, words) for kind, words in KINDS],
        validators=[InputRequired(N_("Choose a copy or the erasure."))],
    )
    asked_by = TextField(N_("Who asked, and how"), [InputRequired(), Length(max=300)])
    identity_check = TextField(N_("How the identity was checked"), [InputRequired(), Length(max=300)])
    identifiers = TextField(
        N_("Phones and mail addresses of the person, one a line"), [InputRequired(), Length(max=2000)], widget=TextArea()
    )
    matters = TextField(
        N_("Payments and requests with scans of the person, one reference a line"), [Length(max=2000)], widget=TextArea(), default=""
    )
    forms_too = BooleanField(N_("Destroy signed forms too: no law asks us to keep them"))


class DecisionForm(Form):
    granted = TextField("", [Regexp(r"^(yes|no)$", message=N_("Agree or refuse."))])
    reason = TextField(N_("Why not"), [Length(max=300)], default="")


@blueprint.get("/privacy")
@guard(SEE_PRIVACY)
def requests() -> str:
    return list_page(RequestForm())


def list_page(form: RequestForm) -> str:
    with db.reading() as session:
        found = session.scalars(select(PrivacyRequest).order_by(PrivacyRequest.id.desc()).limit(LAST)).all()
        names = names_by(session, [request.recorded_by for request in found])
    return render_template("home/privacy.html", requests=found, names=names, kinds=dict(KINDS), form=form)


@blueprint.post("/privacy")
@guard(RECORD_PRIVACY)
def record() -> AnyResponse | tuple[str, int]:
    form = RequestForm()
    if not form.validate_on_submit():
        return list_page(form), 422
    with db.transaction() as session:
        request = record_request(
            session,
            form.kind.data,
            asked_by=form.asked_by.data,
            identity_check=form.identity_check.data,
            identifiers=form.identifiers.data,
            matters=form.matters.data or "",
            forms_too=form.forms_too.data,
            market=actor().market.code,
            by=actor().by,
            now=clock.now(),
        )
        number = request.id
    return redirect(url_for("privacy.request_page", number=number), 303)


@blueprint.get("/privacy/<number:number>")
@guard(SEE_PRIVACY)
def request_page(number: int) -> str:
    with db.reading() as session:
        request = find_request(session, number)
        names = names_by(session, [request.recorded_by, request.decided_by or ""])
        found = still_found(session, request.identifiers)
    return render_template(
        "home/privacy_request.html",
        asked=request,
        names=names,
        kinds=dict(KINDS),
        found=found,
        words=FOUND,
        form=DecisionForm(),
        may_be_taken=may_be_taken(request, now=clock.now()),
    )


@blueprint.post("/privacy/<number:number>/decision")
@guard(DECIDE_PRIVACY)
def decide(number: int) -> AnyResponse | tuple[str, int]:
    form = DecisionForm()
    if not form.validate_on_submit():
        return request_page(number), 422
    with db.transaction() as session:
        decide_request(session, number, granted=form.granted.data == "yes", reason=form.reason.data, by=actor().by, now=clock.now())
    return redirect(url_for("privacy.request_page", number=number), 303)


@blueprint.post("/privacy/<number:number>/copy")
@guard(RECORD_PRIVACY)
def copy(number: int) -> Response:
    """:raises NotFound: unless it may be taken now"""
    config = part(Config)
    with db.transaction() as session:
        packed = personal_copy(session, find_request(session, number), keys=config.scan_keys, by=actor().by, now=clock.now())
    return download(packed, "application/zip", f"personal-data-{number}.zip")


@blueprint.get("/certificates/<number:number>")
@guard(SEE_AUDIT)
def certificate(number: int) -> Response:
    """Numbered; each one after the first says which copy it is."""
    with db.transaction() as session:
        return paper(print_certificate(session, number, language=language(), by=actor().by, now=clock.now()), f"certificate-{number}")
