"""Forms: CSRF on every one of them, and fields that read exactly what a person typed or say what is wrong with it."""

from typing import Any

from flask import Flask
from flask_wtf import CSRFProtect, FlaskForm
from wtforms import StringField, ValidationError
from wtforms.fields.choices import SelectChoice  # type: ignore[attr-defined]  # newer than its stubs

from app.errors import N_
from app.money import Money, NotAnAmount, read_amount
from app.web.language import _

__all__ = ["ANOTHER_REASON", "CHOOSE", "Form", "MoneyField", "ReasonForm", "SelectChoice", "TextField", "csrf", "install"]

csrf = CSRFProtect()

CHOOSE = N_("— choose —")
ANOTHER_REASON = N_("Another reason")


def install(app: Flask) -> None:
    app.config["WTF_CSRF_TIME_LIMIT"] = None  # a form lives as long as its session
    csrf.init_app(app)


class Translations:
    """WTForms' own messages, and ours, in this request's language."""

    def gettext(self, sentence: str) -> str:
        return _(sentence)

    def ngettext(self, one: str, many: str, number: int) -> str:
        return _(one if number == 1 else many)


class Form(FlaskForm):  # type: ignore[misc]
    class Meta(FlaskForm.Meta):  # type: ignore[misc]
        def get_translations(self, _form: object) -> Translations:
            return Translations()


class TextField(StringField):
    """Text; never ``None``."""

    data: str

    def process_formdata(self, valuelist: list[str]) -> None:
        self.data = valuelist[0] if valuelist else ""


class ReasonForm(Form):
    """
    A reason is a ready sentence (the field ``ready``, where there are some), words of one's own, or both.

    :cvar own_words: the name of the field for the latter
    """

    own_words = "reason"

    def in_words(self) -> str:
        """Both together, in the language of who writes it; empty when nothing was said."""
        ready = self["ready"].data if "ready" in self else ""
        parts = ("" if ready == ANOTHER_REASON else ready or "", (self[self.own_words].data or "").strip())
        return ": ".join(part for part in parts if part)


class MoneyField(StringField):
    """
    ``1234,56`` or ``1.234,56`` or ``1,234.56``; never ``1.234`` (C19).

    ``data`` stays the text as typed, so that it is shown again; ``money`` is what it means.
    """

    money: Money | None = None

    def __init__(self, label: str, validators: list[Any] | None = None, *, currency: str = "TRY", **kwargs: Any) -> None:
        super().__init__(label, validators or [], **kwargs)
        self.currency = currency

    def pre_validate(self, _form: object) -> None:
        if not self.data:
            return
        try:
            self.money = read_amount(self.data, self.currency)
        except NotAnAmount as error:
            raise ValidationError(_(N_("This amount can be read in two ways or not at all. Write it like 1234,56."))) from error
