"""What people type about deposits and statements."""

from flask_wtf.file import FileField, FileRequired
from wtforms import BooleanField, SelectField
from wtforms.validators import InputRequired, Length, Regexp, ValidationError
from wtforms.widgets import TextArea

from app.errors import N_
from app.reasons.choices import ready_reasons
from app.web.forms import Form, ReasonForm, TextField

LONGEST_NOTE = 500
LONGEST_WORDS = LONGEST_NOTE - 100  # the ready sentence stands before them
WRITE_DOWN_WHY = N_("Write down why.")
WHY = [InputRequired(WRITE_DOWN_WHY), Length(max=LONGEST_NOTE)]
PROOF = N_("Why, and what proves it")
AGENT_NUMBER = [InputRequired(N_("Which agent?")), Regexp(r"^[0-9]{10}$", message=N_("An agent number has ten digits."))]


class NoteForm(Form):
    note = TextField(PROOF, WHY, widget=TextArea())


class ReadyNoteForm(ReasonForm):
    """Where there are ready reasons, they alone say enough."""

    own_words = "note"
    note = TextField(PROOF, [Length(max=LONGEST_WORDS)], widget=TextArea())

    def validate_note(self, _field: TextField) -> None:
        if not self.in_words():
            raise ValidationError(WRITE_DOWN_WHY)


class AssignForm(ReadyNoteForm):
    """Several of these stand beside each other: no id twice."""

    agent = TextField(N_("Agent number"), AGENT_NUMBER)
    ready = SelectField(N_("Why"), choices=lambda: ready_reasons("deposit-assign"), default="", id="assign-ready")
    note = TextField(PROOF, [Length(max=LONGEST_WORDS)], widget=TextArea(), id="assign-note")


class ReturnForm(ReadyNoteForm):
    ready = SelectField(N_("Why"), choices=lambda: ready_reasons("deposit-return"), default="")


class DismissForm(ReadyNoteForm):
    target = TextField(N_("What it is"), [InputRequired(N_("Say what it is.")), Length(max=80)])
    ready = SelectField(N_("Why"), choices=lambda: ready_reasons("deposit-dismiss"), default="", id="dismiss-ready")
    note = TextField(PROOF, [Length(max=LONGEST_WORDS)], widget=TextArea(), id="dismiss-note")


class ReleaseForm(ReadyNoteForm):
    ready = SelectField(N_("Why"), choices=lambda: ready_reasons("statement-release"), default="")


class DecideForm(ReasonForm):
    """:ivar seen: the mark of what was on the screen; :ivar answer: the own words; one of them is needed to refuse"""

    own_words = "answer"
    granted = TextField("", [Regexp(r"^(yes|no)$", message=N_("Agree or refuse."))])
    seen = TextField("", [InputRequired(), Length(max=300)])
    ready = SelectField(N_("Why not"), choices=lambda: ready_reasons("deposit-refuse"), default="")
    answer = TextField(N_("In your own words"), [Length(max=LONGEST_WORDS)], widget=TextArea(), id="answer", default="")


class PayoutForm(Form):
    format = TextField(N_("Kind of file"), [InputRequired(), Length(max=20)])


class NoticeForm(Form):
    sms = BooleanField(N_("By SMS to my telephone"))
    mail = TextField(N_("By e-mail to"), [Length(max=254)], default="")


class LinkForm(Form):
    deposit = TextField(N_("Deposit"), [InputRequired(N_("Which deposit?")), Length(max=40)])
    note = TextField(PROOF, WHY, widget=TextArea(), id="link-note")


class DebitForm(Form):
    """It stands beside a :class:`NoteForm`."""

    booking = TextField(N_("The bank's debit"), [InputRequired(N_("Which debit?")), Regexp(r"^[0-9]{1,18}$", message=N_("Which debit?"))])
    note = TextField(PROOF, WHY, widget=TextArea(), id="debit-note")


class UploadForm(Form):
    file = FileField(N_("Statement file"), [FileRequired(N_("Choose a file."))])
    account = SelectField(N_("Account"), default="")
