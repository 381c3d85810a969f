"""What people send about papers that came in."""

from flask_wtf.file import FileField
from wtforms import SelectField
from wtforms.validators import Length, ValidationError

from app.changes.catalogue import KINDS
from app.changes.kind import Kind
from app.errors import N_
from app.intake.sort_intake import LONGEST_ANSWER
from app.reasons.choices import ready_reasons
from app.web.forms import CHOOSE, Form, ReasonForm, SelectChoice, TextField
from app.web.language import _

LONGEST_WORDS = 200


class ActForm(Form):
    """A button: nothing but its token."""


class BringForm(Form):
    photo = FileField(N_("Take a photo"))
    file = FileField(N_("Or choose a file"))
    reference = TextField(N_("Reference, if the paper carries no code"), [Length(max=40)])


class AttachForm(Form):
    reference = TextField(N_("Reference of the request or payment"), [Length(max=40)])
    which = SelectField(N_("Which paper it is"), choices=lambda: papers(), default="form", validate_choice=False)


class DraftForm(Form):
    kind = SelectField(N_("What they ask for"), choices=lambda: kinds(), validate_choice=False)
    agent = TextField(N_("Agent number"), [Length(max=20)])


class AnswerForm(Form):
    text = TextField(N_("Answer"), [Length(max=LONGEST_ANSWER)])


class ScanForm(Form):
    reason = TextField(N_("Why you look at it (this is written down)"), [Length(max=200)])


class CompleteForm(ReasonForm):
    ready = SelectField(N_("Why the payment is to be cancelled"), choices=lambda: ready_reasons("cancellation-ask"), default="")
    reason = TextField(N_("In the customer's own words"), [Length(max=LONGEST_WORDS)])
    form = FileField(N_("The signed form"))
    identity = FileField(N_("The customer's identity card"))

    def validate_ready(self, _field: SelectField) -> None:
        if not self.in_words():
            raise ValidationError(N_("Say why the customer wants the payment cancelled."))


def papers() -> list[SelectChoice]:
    """Of all kinds, each name once; what a request does not have, its verb refuses."""
    labels = {paper.name: paper.label for kind in KINDS.values() for paper in kind.papers}
    return [SelectChoice(name, _(label)) for name, label in labels.items()]


def kinds() -> list[SelectChoice]:
    return [SelectChoice("", _(CHOOSE)), *(SelectChoice(kind.name, _(kind.title)) for kind in offered())]


def offered() -> list[Kind]:
    """What shops ask for on paper."""
    return [kind for kind in KINDS.values() if kind.is_for_shops and kind.has_agent]
