"""``/password-codes``: a forgotten password, or the first one of a new login."""

from flask import Blueprint, flash, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from app import clock
from app.errors import N_
from app.people.ask_password_code import ask_password_code
from app.people.forms import NewPasswordForm, PhoneForm
from app.people.set_password import set_password
from app.people.views import DEVICE, cookie_name, drop, keep, keys, visit
from app.web import refusals
from app.web.guards import public
from app.web.language import _

blueprint = Blueprint("passwords", __name__, template_folder="templates")
refusals.SHOWN_ON["passwords.set_new"] = "passwords.new_password"

BROWSER = "code"
CHANGED = N_("Your new password is set. Everybody who was signed in with the old one is out. Sign in now.")


@blueprint.get("/password-codes")
@public
def ask_page() -> str:
    return render_template("people/password_code.html", form=PhoneForm())


@blueprint.post("/password-codes")
@public
def ask() -> Response | tuple[str, int]:
    form = PhoneForm()
    if not form.validate_on_submit():
        return render_template("people/password_code.html", form=form), 422
    response = redirect(url_for("passwords.new_password"), 303)
    keep(response, ask_password_code(form.phone.data, address=request.remote_addr or "", now=clock.now()), BROWSER)
    return response


@blueprint.get("/password")
@public
def new_password() -> Response | str:
    if not request.cookies.get(cookie_name(BROWSER)):
        return redirect(url_for("passwords.ask_page"), 303)
    return render_template("people/new_password.html", form=NewPasswordForm())


@blueprint.post("/password")
@public
def set_new() -> Response | tuple[str, int]:
    form = NewPasswordForm()
    if not form.validate_on_submit():
        return render_template("people/new_password.html", form=form), 422
    browser = request.cookies.get(cookie_name(BROWSER), "")
    device = set_password(browser, form.code.data, form.password.data, key=keys().codes, visit=visit(), now=clock.now())
    flash(_(CHANGED), "done")
    response = redirect(url_for("people.sign_in_page"), 303)
    keep(response, device, DEVICE)
    drop(response, BROWSER)
    drop(response)
    return response
