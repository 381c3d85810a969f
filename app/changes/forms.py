"""What people send about changes. Each kind has its own form; its verb says what is wrong with a field."""

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any

from flask_wtf.file import FileField
from wtforms import SelectField
from wtforms.validators import Length, ValidationError

from app.changes.decide_change import LONGEST_REASON
from app.changes.kind import Field, Kind, Subject
from app.changes.request_change import LONGEST_REASON as LONGEST_WHY
from app.errors import N_
from app.people.model import Person
from app.phones import as_typed
from app.reasons.choices import ready_reasons
from app.web.forms import CHOOSE, Form, MoneyField, ReasonForm, SelectChoice, TextField
from app.web.language import _

LONGEST_WORDS = LONGEST_REASON - 100  # the ready sentence stands before them


class AskForm(ReasonForm):
    reason = TextField(N_("Why"), [Length(max=LONGEST_WHY)])
    effective_on = TextField(N_("From which day on"))
    version = TextField()
    person = SelectField(N_("Person"), validate_choice=False)
    on_behalf_of = SelectField(N_("Which owner signed the paper"), validate_choice=False)

    def day(self) -> date | None:
        return date.fromisoformat(self.effective_on.data) if self.effective_on.data else None

    def validate_effective_on(self, _field: TextField) -> None:
        try:
            self.day()
        except ValueError as error:
            raise ValidationError(N_("This is no day.")) from error

    def number(self, name: str) -> int | None:
        """Of a person, chosen from a list."""
        text = self[name].data or ""
        return int(text) if text.isascii() and text.isdecimal() and len(text) < 16 else None

    def wanted(self, kind: Kind) -> dict[str, Any]:
        """As typed; amounts in minor units."""
        values = {}
        for field in kind.fields:
            if field.is_asked:
                typed = self[field.name]
                values[field.name] = (typed.money.minor if typed.money else None) if isinstance(typed, MoneyField) else typed.data
        return values

    def blame(self, errors: Mapping[str, str]) -> list[str]:
        """What the verb says about each field, beside it. :returns: what belongs to no field"""
        for name, sentence in errors.items():
            if name in self:
                self[name].errors = [sentence]
        return [sentence for name, sentence in errors.items() if name not in self]


def ask_form(kind: Kind, subject: Subject, present: Mapping[str, Any], people: Sequence[Person], owners: Sequence[Person]) -> AskForm:
    """
    :param present: what the record says, to be typed over
    :param people: of the shop; :param owners: who can have signed
    """
    parts: dict[str, Any] = {field.name: input_of(field, subject.market.currency) for field in kind.fields if field.is_asked}
    parts |= {paper.name: FileField(paper.label) for paper in kind.papers}
    if purpose := kind.ready_reasons:
        parts["ready"] = SelectField(N_("Why"), choices=lambda: ready_reasons(purpose), default="")
        parts["reason"] = TextField(N_("In your own words"), [Length(max=LONGEST_WHY - 100)])
    made: AskForm = type("KindForm", (AskForm,), parts)(data=typed(kind, subject, present))
    made.person.choices = [SelectChoice(str(person.id), f"{person.name} · {as_typed(person.phone)}") for person in people]
    made.on_behalf_of.choices = [
        SelectChoice("", _(CHOOSE)),
        *(SelectChoice(str(owner.id), f"{owner.name} · {as_typed(owner.phone)}") for owner in owners),
    ]
    return made


def input_of(field: Field, currency: str) -> Any:
    if field.is_money:
        return MoneyField(field.label, currency=currency)
    if field.choices is not None:
        words = field.choices
        return SelectField(
            field.label, choices=lambda: [SelectChoice(value, _(word)) for value, word in words.items()], validate_choice=False
        )
    return TextField(field.label)


def typed(kind: Kind, subject: Subject, present: Mapping[str, Any]) -> dict[str, Any]:
    values = {field.name: present[field.name] for field in kind.fields if field.name in present and not field.is_money}
    return values | {"person": str(subject.person.id) if subject.person else "", "market": subject.market.code}


class DecisionForm(ReasonForm):
    ready = SelectField(N_("Why it is denied"), choices=lambda: ready_reasons("change-deny"), default="")
    reason = TextField(N_("In your own words"), [Length(max=LONGEST_WORDS)])
    granted = TextField()
    seen = TextField()

    def validate_ready(self, _field: SelectField) -> None:
        if self.granted.data != "yes" and not self.in_words():
            raise ValidationError(N_("Say why it is denied; the shop reads it."))


class RevocationForm(Form):
    reason = TextField(N_("Why it is revoked; the shop reads it"), [Length(max=LONGEST_REASON)])
    seen = TextField()


class ScanForm(Form):
    reason = TextField(N_("Why you look at it (this is written down)"), [Length(max=200)])
