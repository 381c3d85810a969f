"""What people type to come in."""

from wtforms import RadioField, SelectField, SelectMultipleField, ValidationError
from wtforms.validators import InputRequired, Length
from wtforms.widgets import CheckboxInput, ListWidget, PasswordInput

from app import languages
from app.errors import N_
from app.people.reset_login import CHECKS, HOW_CHECKED, NOTE_MISSING, WHAT
from app.web.forms import Form, SelectChoice, TextField

CODE_MISSING = N_("Write the code.")


class SignInForm(Form):
    phone = TextField(N_("Mobile phone"), [InputRequired(N_("Write your mobile number.")), Length(max=30)])
    password = TextField(N_("Password"), widget=PasswordInput(), validators=[InputRequired(N_("Write your password.")), Length(max=200)])


class CodeForm(Form):
    """Six digits of an authenticator, or a recovery code."""

    code = TextField(N_("Code"), [InputRequired(CODE_MISSING), Length(max=30)])


class PhoneForm(Form):
    phone = TextField(N_("Mobile phone"), [InputRequired(N_("Write your mobile number.")), Length(max=30)])


class NewPasswordForm(Form):
    code = TextField(N_("Code from the SMS"), [InputRequired(CODE_MISSING), Length(max=30)])
    password = TextField(N_("New password"), widget=PasswordInput(), validators=[InputRequired(N_("Write a new password."))])


class DeviceNoticeForm(Form):
    channel = RadioField(N_("Tell me of new devices by"), choices=[SelectChoice("sms", N_("SMS")), SelectChoice("mail", N_("E-mail"))])


class ResetForm(Form):
    what = RadioField(N_("What is reset"), choices=[SelectChoice(word, say) for word, say in WHAT.items()], default="password")
    checked = SelectMultipleField(
        N_("How the identity was checked"),
        choices=[SelectChoice(word, say) for word, say in CHECKS.items()],
        widget=ListWidget(prefix_label=False),
        option_widget=CheckboxInput(),
    )
    note = TextField(N_("What was checked, and with whom"), [InputRequired(NOTE_MISSING), Length(max=500)])

    def validate_checked(self, field: SelectMultipleField) -> None:
        """One is enough; a browser's own ``required`` would ask for every box."""
        if not field.data:
            raise ValidationError(HOW_CHECKED)


class LanguageForm(Form):
    language = SelectField(N_("Language"), choices=[SelectChoice(code, name) for code, name in languages.NAMES.items()])
