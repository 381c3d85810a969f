"""What a shop sends about the e-bill."""

from wtforms import BooleanField

from app.errors import N_
from app.web.forms import Form, TextField


class EBillForm(Form):
    email = TextField(N_("E-mail address of the customer"))
    consent = BooleanField(N_("The customer agrees to get bills at this address"))


class ActForm(Form):
    """A button: nothing but its token."""


class DeliveryForm(Form):
    kind = TextField()
