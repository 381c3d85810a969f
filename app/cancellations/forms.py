"""What people send about cancellations."""

from flask_wtf.file import FileField, FileRequired
from wtforms import DateField, SelectField, TimeField
from wtforms.validators import InputRequired, Length, Optional, ValidationError
from wtforms.widgets import TextArea

from app.cancellations.model import DAY_CLASSES
from app.cancellations.request_cancellation import LONGEST_REASON
from app.errors import N_
from app.reasons.choices import ready_reasons
from app.web.forms import Form, ReasonForm, SelectChoice, TextField
from app.web.language import _

LONGEST_WORDS = LONGEST_REASON - 100  # the ready sentence stands before them


class AskForm(ReasonForm):
    ready = SelectField(N_("Why the payment is to be cancelled"), choices=lambda: ready_reasons("cancellation-ask"), default="")
    reason = TextField(N_("In the customer's own words"), [Length(max=LONGEST_WORDS)])
    form = FileField(N_("The signed form"), [FileRequired(N_("Upload the form with the customer's signature."))])
    identity = FileField(N_("The customer's identity card"), [FileRequired(N_("Upload a scan of the customer's identity card."))])

    def validate_ready(self, _field: SelectField) -> None:
        if not self.in_words():
            raise ValidationError(N_("Say why the customer wants the payment cancelled."))


class DecisionForm(ReasonForm):
    ready = SelectField(N_("Why it is denied"), choices=lambda: ready_reasons("cancellation-deny"), default="")
    reason = TextField(N_("In your own words"), [Length(max=LONGEST_WORDS)])
    granted = TextField()

    def validate_ready(self, _field: SelectField) -> None:
        if self.granted.data != "yes" and not self.in_words():
            raise ValidationError(N_("Say why the cancellation is denied; the shop reads it to the customer."))


class OutcomeForm(ReasonForm):
    """What one person proposes about a case."""

    own_words = "note"
    outcome = TextField(N_("Propose an outcome"), [InputRequired(N_("Choose what is proposed."))])
    ready = SelectField(N_("Why"), choices=lambda: ready_reasons("case"), default="")
    note = TextField(N_("Why, and which document proves it"), [Length(max=200)], widget=TextArea())


class ScanForm(Form):
    reason = TextField(N_("Why you look at it (this is written down)"), [Length(max=200)])


DAY_WORDS = {
    "workday": N_("Workday"),
    "saturday": N_("Saturday"),
    "sunday": N_("Sunday"),
    "half-day": N_("Half day"),
    "holiday": N_("Holiday"),
}


def day_classes() -> list[SelectChoice]:
    return [SelectChoice(kind, _(DAY_WORDS[kind])) for kind in DAY_CLASSES]


class HoursForm(Form):
    biller = SelectField(N_("Biller"), choices=[], default="")
    day_class = SelectField(N_("On which days"), choices=day_classes)
    first_day = DateField(N_("From which day on"), [InputRequired(N_("A day such as 2026-10-31 is needed."))])
    asked_until = TimeField(N_("Asking ends at"), [Optional()])
    reported_until = TimeField(N_("Reporting ends at"), [Optional()])
    note = TextField(N_("Why, and where it is written"), [Length(max=200)])


class BankDayForm(Form):
    first_day = DateField(N_("Day"), [InputRequired(N_("A day such as 2026-10-31 is needed."))])
    day_class = SelectField(N_("Is a"), choices=day_classes)
    note = TextField(
        N_("Why, and where it is written"), [InputRequired(N_("Say who decided this and where it is written.")), Length(max=200)]
    )
