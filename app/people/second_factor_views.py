"""``/second-factor``: setting it up; ``/session/confirmation``: showing it again before money moves."""

from flask import Blueprint, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from app import clock, db
from app.people.enrol_second_factor import begin_enrolment, confirm_enrolment, enrolment_of
from app.people.forms import CodeForm
from app.people.prove_second_factor import has_second_factor
from app.people.step_up import ConfirmFirst, confirm
from app.people.views import keys
from app.web import refusals
from app.web.actor import actor
from app.web.guards import EnrolFirst, signed_in, signed_in_to_enrol
from app.web.way_back import own_path

blueprint = Blueprint("second_factor", __name__, template_folder="templates")
refusals.LEADS_TO[EnrolFirst.name()] = "second_factor.page"
refusals.LEADS_TO[ConfirmFirst.name()] = "second_factor.confirmation"
refusals.SHOWN_ON["second_factor.enrol"] = "second_factor.page"
refusals.SHOWN_ON["second_factor.confirm_session"] = "second_factor.confirmation"


@blueprint.get("/second-factor")
@signed_in_to_enrol
def page() -> str:
    return page_with(CodeForm(formdata=None))


def page_with(form: CodeForm) -> str:
    with db.reading() as session:
        enrolment = enrolment_of(session, actor().person, keys=keys())
    return render_template("people/second_factor.html", enrolment=enrolment, has_one=has_second_factor(actor().person), form=form, codes=())


@blueprint.post("/second-factor")
@signed_in_to_enrol
def begin() -> Response:
    with db.transaction() as session:
        begin_enrolment(session, actor().person, keys=keys(), now=clock.now())
    return redirect(url_for("second_factor.page"), 303)


@blueprint.post("/second-factor/confirmation")
@signed_in_to_enrol
def enrol() -> str | tuple[str, int]:
    """The recovery codes stand on this answer and nowhere else."""
    form, person = CodeForm(), actor()
    if not form.validate_on_submit():
        return page_with(form), 422
    address = request.remote_addr or ""
    codes = confirm_enrolment(person.person, form.code.data, sign_in=person.session, keys=keys(), address=address, now=clock.now())
    return render_template("people/second_factor.html", enrolment=None, has_one=True, form=form, codes=codes)


@blueprint.get("/session/confirmation")
@signed_in
def confirmation() -> str:
    return render_template("people/confirmation.html", form=CodeForm(formdata=None), back=own_path(request.args.get("back", "")))


@blueprint.post("/session/confirmation")
@signed_in
def confirm_session() -> Response | tuple[str, int]:
    form, person, back = CodeForm(), actor(), own_path(request.args.get("back", ""))
    if not form.validate_on_submit():
        return render_template("people/confirmation.html", form=form, back=back), 422
    confirm(person.session, person.person, form.code.data, keys=keys(), address=request.remote_addr or "", now=clock.now())
    return redirect(back or url_for("home.first_page"), 303)
