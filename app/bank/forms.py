"""What people type about deposits and statements."""

from flask_wtf.file import FileField, FileRequired
from wtforms import BooleanField, SelectField
from wtforms.validators import InputRequired, Length, Regexp
from wtforms.widgets import TextArea

from app.errors import N_
from app.web.forms import Form, TextField

LONGEST_NOTE = 500
WHY = [InputRequired(N_("Write down why.")), Length(max=LONGEST_NOTE)]
AGENT_NUMBER = [InputRequired(N_("Which agent?")), Regexp(r"^[0-9]{10}$", message=N_("An agent number has ten digits."))]


class NoteForm(Form):
    note = TextField(N_("Why, and what proves it"), WHY, widget=TextArea())


class AssignForm(Form):
    """It stands beside a :class:`NoteForm`: no id twice."""

    agent = TextField(N_("Agent number"), AGENT_NUMBER)
    note = TextField(N_("Why, and what proves it"), WHY, widget=TextArea(), id="assign-note")


class DismissForm(Form):
    """It stands beside the others."""

    target = TextField(N_("What it is"), [InputRequired(N_("Say what it is.")), Length(max=80)])
    note = TextField(N_("Why, and what proves it"), WHY, widget=TextArea(), id="dismiss-note")


class DecideForm(Form):
    """:ivar seen: the mark of what was on the screen; :ivar answer: needed to refuse"""

    granted = TextField("", [Regexp(r"^(yes|no)$", message=N_("Agree or refuse."))])
    seen = TextField("", [InputRequired(), Length(max=300)])
    answer = TextField(N_("Why not"), [Length(max=LONGEST_NOTE)], widget=TextArea(), id="answer", default="")


class PayoutForm(Form):
    format = TextField(N_("Kind of file"), [InputRequired(), Length(max=20)])


class NoticeForm(Form):
    sms = BooleanField(N_("By SMS to my telephone"))
    mail = TextField(N_("By e-mail to"), [Length(max=254)], default="")


class LinkForm(Form):
    deposit = TextField(N_("Deposit"), [InputRequired(N_("Which deposit?")), Length(max=40)])
    note = TextField(N_("Why, and what proves it"), WHY, widget=TextArea(), id="link-note")


class DebitForm(Form):
    """It stands beside a :class:`NoteForm`."""

    booking = TextField(N_("The bank's debit"), [InputRequired(N_("Which debit?")), Regexp(r"^[0-9]{1,18}$", message=N_("Which debit?"))])
    note = TextField(N_("Why, and what proves it"), WHY, widget=TextArea(), id="debit-note")


class UploadForm(Form):
    file = FileField(N_("Statement file"), [FileRequired(N_("Choose a file."))])
    account = SelectField(N_("Account"), default="")
