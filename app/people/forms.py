"""What people type to come in."""

from wtforms import SelectField
from wtforms.validators import InputRequired, Length
from wtforms.widgets import PasswordInput

from app import languages
from app.errors import N_
from app.web.forms import Form, SelectChoice, TextField


class SignInForm(Form):
    phone = TextField(N_("Mobile phone"), [InputRequired(N_("Write your mobile number.")), Length(max=30)])
    password = TextField(N_("Password"), widget=PasswordInput(), validators=[InputRequired(N_("Write your password.")), Length(max=200)])


class LanguageForm(Form):
    language = SelectField(N_("Language"), choices=[SelectChoice(code, name) for code, name in languages.NAMES.items()])
