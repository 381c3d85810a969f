"""What the counter's pages send."""

from wtforms import FieldList, FormField, SelectField, SelectMultipleField, TextAreaField
from wtforms import Form as PlainForm
from wtforms.validators import InputRequired, Length, Optional, Regexp
from wtforms.widgets import CheckboxInput, ListWidget

from app.billing.bill import FLAGS
from app.collections.dispute_bill import LONGEST_REASON
from app.collections.resolve_case import LONGEST_NOTE
from app.errors import N_
from app.notifications.addresses import LONGEST
from app.reasons.choices import ready_reasons
from app.web.forms import Form, ReasonForm, SelectChoice, TextField

NO_ADDRESS = N_("This is no e-mail address. Write it like name@example.com.")
WHOLE_MINOR_UNITS = Regexp(r"^[1-9][0-9]{0,14}$", message=N_("This is no amount."))


class BillLine(PlainForm):
    """One bill of the confirmation: hidden, as it was shown. ``minor`` is the amount in minor units."""

    bill = TextField(validators=[InputRequired(), Length(max=100)])
    version = TextField(validators=[InputRequired(), Length(max=100)])
    minor = TextField(validators=[InputRequired(), WHOLE_MINOR_UNITS])
    key = TextField(validators=[InputRequired(), Length(max=255)])


class PaymentForm(Form):
    biller = TextField(validators=[InputRequired(), Length(max=40)])
    subscriber = TextField(validators=[InputRequired(), Length(max=40)])
    bills = FieldList(FormField(BillLine), min_entries=1, max_entries=20)
    confirmed = SelectMultipleField(
        N_("The customer agrees"),
        choices=[SelectChoice(flag, flag) for flag in FLAGS],
        option_widget=CheckboxInput(),
        widget=ListWidget(prefix_label=False),
    )
    customer_phone = TextField(N_("Customer's mobile (for an SMS with the outcome)"), [Optional(), Length(max=30)])


class DisputeForm(Form):
    reason = TextAreaField(N_("What is wrong with it"), validators=[InputRequired(), Length(max=LONGEST_REASON)])


class OutcomeForm(ReasonForm):
    """What one person proposes about a case."""

    own_words = "note"
    outcome = TextField(N_("Propose an outcome"), [InputRequired(N_("Choose what is proposed."))])
    ready = SelectField(N_("Why"), choices=lambda: ready_reasons("case"), default="")
    note = TextAreaField(N_("Why, and which document proves it"), [Length(max=LONGEST_NOTE - 100)])


class ActForm(Form):
    """A button: nothing but its CSRF token."""


class BillMailForm(Form):
    """A bill by mail. ``key`` is new for each page that is shown, so that one press is one mail."""

    email = TextField(validators=[InputRequired(NO_ADDRESS), Length(max=LONGEST, message=NO_ADDRESS)])
    language = TextField()
    key = TextField(validators=[Regexp(r"^[\w-]{20,60}$", message=N_("This form is too old. Open the bill again."))])
