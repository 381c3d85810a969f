"""Amounts as banks' exports write them: ``1.234,56`` or ``1,234.56``, with a sign before or behind, or real numbers."""

import re
from dataclasses import dataclass
from decimal import Decimal

from app.bank.statement.numbers import AMBIGUOUS, NO_NUMBER, Bad, hundredths
from app.bank.statement.sheet import Cell
from app.errors import N_

TWO_WAYS = N_("Line {line}: the amount “{text}” is written in another way than those before it.")

COMMA, POINT = ",", "."
OTHER = {COMMA: POINT, POINT: COMMA}
PLAIN = re.compile(r"[0-9]+")
DECIMAL = {
    COMMA: re.compile(r"(?:[0-9]{1,3}(?:\.[0-9]{3})+|[0-9]+),[0-9]{1,2}|[1-9][0-9]{0,2}(?:\.[0-9]{3}){2,}"),
    POINT: re.compile(r"(?:[0-9]{1,3}(?:,[0-9]{3})+|[0-9]+)\.[0-9]{1,2}|[1-9][0-9]{0,2}(?:,[0-9]{3}){2,}"),
}
UNSURE = re.compile(r"[1-9][0-9]{0,2}([.,])[0-9]{3}")
SIMPLE = re.compile(r"-?[0-9.,]+")
SPACED = re.compile(r"[1-9][0-9]{0,2}(?: [0-9]{3})+(?:[.,][0-9]{1,2})?")
CURRENCY = re.compile(r"^(?P<before>[A-Z]{3}|TL|₺|€|\$)?\s*(?P<figure>.*?)\s*(?P<behind>[A-Z]{3}|TL|₺|€|\$)?$", re.DOTALL)
CODES = {"TL": "TRY", "YTL": "TRY", "₺": "TRY", "€": "EUR", "$": "USD"}
NOTHING = {"", "-", "–"}


@dataclass(slots=True)
class Figure:
    """
    :ivar minor: in hundredths, without its sign; a text that can only be read when the others are known
    :ivar sign: ``+``, ``-`` or none
    :ivar currency: if it is written beside it
    """

    minor: int | str
    sign: str = ""
    currency: str = ""


def read_figure(cell: Cell, style: "Style") -> Figure | None:
    """
    ``None`` for an empty cell.

    :raises Bad: …
    """
    if isinstance(cell, str):
        return of_text(cell, style)
    match cell:
        case None:
            return None
        case Decimal():
            return Figure(of_number(cell), "-" if cell < 0 else "")
        case _:
            raise Bad(NO_NUMBER, text=str(cell)[:40])


def of_number(number: Decimal) -> int:
    text = format(abs(number), "f")
    if not re.fullmatch(r"[0-9]+(?:\.[0-9]+)?", text):
        raise Bad(NO_NUMBER, text=text[:40])
    whole, _, decimals = text.partition(".")
    return hundredths(text, whole, decimals)


def of_text(text: str, style: "Style") -> Figure | None:
    if SIMPLE.fullmatch(text):
        negative = text[0] == "-"
        return Figure(style.read(text[negative:], text), "-" * negative)
    written = re.sub(r"[\u00a0\u2009\u202f\s]+", " ", text).strip().replace("\u2212", "-")
    if written in NOTHING:
        return None
    match = CURRENCY.fullmatch(written)
    assert match  # it allows anything
    figure, sign = without_sign(match["figure"])
    currency = match["before"] or match["behind"] or ""
    if SPACED.fullmatch(figure):
        figure = figure.replace(" ", "")
    return Figure(style.read(figure, text), sign, CODES.get(currency, currency))


def without_sign(figure: str) -> tuple[str, str]:
    if figure.startswith("(") and figure.endswith(")"):
        return figure[1:-1].strip(), "-"
    if figure[:1] in ("+", "-"):
        return figure[1:].strip(), figure[0]
    if figure[-1:] in ("+", "-"):
        return figure[:-1].strip(), figure[-1]
    return figure, ""


class Style:
    """Whether a comma or a point stands before the decimals: the same in the whole file, and never guessed."""

    def __init__(self) -> None:
        self.mark = ""

    def read(self, figure: str, text: str) -> int | str:
        """:returns: the text itself while nothing says how it is meant"""
        if not figure.isascii():
            raise Bad(NO_NUMBER, text=text[:40])
        if PLAIN.fullmatch(figure):
            return hundredths(text, figure, "")
        for mark, pattern in DECIMAL.items():
            if pattern.fullmatch(figure):
                if self.mark not in ("", mark):
                    raise Bad(TWO_WAYS, text=text[:40])
                self.mark = mark
                whole, _, decimals = figure.partition(mark)
                return hundredths(text, whole.replace(OTHER[mark], ""), decimals)
        if match := UNSURE.fullmatch(figure):
            return figure if not self.mark else self.decide(figure, match[1])
        raise Bad(NO_NUMBER, text=text[:40])

    def settle(self, minor: int | str) -> int:
        """When all have been seen. :raises Bad: if none of them says how this one is meant"""
        return minor if isinstance(minor, int) else self.decide(minor, minor.strip("0123456789"))

    def signed(self, figure: Figure) -> int:
        """As in :meth:`settle`, with its sign."""
        return -self.settle(figure.minor) if figure.sign == "-" else self.settle(figure.minor)

    def decide(self, figure: str, used: str) -> int:
        """Where the other mark stands before decimals, this one groups thousands; three decimals no account has."""
        if self.mark in ("", used):
            raise Bad(AMBIGUOUS, text=figure)
        return hundredths(figure, figure.replace(used, ""), "")
