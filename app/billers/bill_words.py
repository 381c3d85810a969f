"""Sentences about a bill in the reader's language: facts spelled as people there write them, printed texts through the term base."""

from collections.abc import Mapping
from datetime import date
from decimal import ROUND_HALF_UP, Decimal

from babel import dates

from app import amounts, languages
from app.billers.model import Biller
from app.billing import terms
from app.billing.bill import Section
from app.billing.sentence import Fact, Price, Printed, Quantity, Rounded, Sentence
from app.errors import N_
from app.markets import MARKETS
from app.money import EXPONENTS, Money, round_to_money
from app.web import display

TITLES = {
    "monthly": N_("Monthly fees"),
    "included": N_("Included"),
    "usage": N_("Usage"),
    "other": N_("Other"),
    "discount": N_("Discounts"),
    "tax": N_("Taxes"),
    "past-due": N_("Past debt"),
    "rounding": N_("Rounding"),
}
LONGEST = 15  # digits before or after the mark; what a biller sends beyond that is shown as it is


def language_of(biller: Biller) -> str:
    """In which its bills are printed."""
    return MARKETS[biller.market].languages[0]


def section_title(section: Section, language: str, *, of: str) -> str:
    """
    The carrier's where its reader understands it, else our own for that kind; never empty.

    :param of: the carrier's language
    """
    is_readable = section.title and (language == of or terms.is_known(section.title, of=of))
    return terms.in_language(section.title, of=of, to=language) if is_readable else languages.translate(TITLES[section.kind], language)


def in_words(sentence: Sentence, language: str, *, of: str) -> str:
    """:param of: the carrier's language"""
    return languages.say(sentence.say, language, **spelled(sentence.facts, language, of))


def spelled(facts: Mapping[str, Fact], language: str, of: str) -> dict[str, str]:
    return {name: spell(fact, language, of) for name, fact in facts.items()}


def spell(fact: Fact, language: str, of: str) -> str:
    match fact:
        case Money():
            return amounts.money(fact, language)
        case Price():
            return price(fact, language)
        case Rounded():
            return rounded(fact, language)
        case Quantity():
            return quantity(fact.value, fact.unit, language)
        case Printed():
            return terms.in_language(fact.text, of=of, to=language)
        case Decimal():
            return number(fact, language)
        case date():
            return languages.day(fact, language)
        case _:
            return str(fact)


def price(fact: Price, language: str) -> str:
    """``0.0236 ₼``; whole forints without decimals, as :func:`app.amounts.money` shows them."""
    whole = fact.currency == "HUF" and fact.value == fact.value.to_integral_value()
    return number(fact.value, language, least=0 if whole else EXPONENTS[fact.currency]) + amounts.NO_BREAK + amounts.SYMBOLS[fact.currency]


def four_decimals(value: Decimal, currency: str, language: str) -> str:
    """A unit price as it stands in a column: ``12,5000 €``."""
    return number(value, language, least=4) + amounts.NO_BREAK + amounts.SYMBOLS[currency]


def rounded(result: Rounded, language: str) -> str:
    """``20.2548 → 20.25 €``; the amount alone if nothing was rounded away."""
    amount = amounts.money(result.amount, language)
    if round_to_money(result.exact, result.amount.currency).decimal == result.exact:
        return amount
    return f"{number(result.exact, language, least=EXPONENTS[result.amount.currency])} → {amount}"


def quantity(value: Decimal, unit: str, language: str) -> str:
    """``6.33 GB``, ``316 min 40 s``, ``7 SMS``."""
    if unit == "minute" and value != value.to_integral_value() and abs(value.adjusted()) < LONGEST:
        minutes, seconds = divmod(int((abs(value) * 60).quantize(Decimal(1), ROUND_HALF_UP)), 60)
        sign = "−" if value < 0 else ""
        whole = f"{sign}{display.count(minutes, language)}{amounts.NO_BREAK}{terms.unit('minute', language)}"
        return f"{whole} {seconds}{amounts.NO_BREAK}{terms.unit('second', language)}" if seconds else whole
    digits = number(value, language, most=2 if unit == "GB" else 4)
    return f"{digits}{amounts.NO_BREAK}{terms.unit(unit, language)}" if unit else digits


def number(value: Decimal, language: str, *, least: int = 0, most: int = 4) -> str:
    """At least and at most so many decimals; no zeros behind ``least``."""
    exponent = int(value.as_tuple().exponent)
    if value and (value.adjusted() > LONGEST or exponent < -4 * LONGEST):
        return str(value)
    group, mark = amounts.separators(language)
    whole, _, decimals = f"{abs(value).quantize(Decimal(1).scaleb(-most), ROUND_HALF_UP):f}".partition(".")
    decimals = decimals.rstrip("0").ljust(least, "0")
    return ("−" if value < 0 else "") + f"{int(whole):,}".replace(",", group) + (mark + decimals if decimals else "")


def span(first: date | None, last: date | None, language: str) -> str:
    """``1 Oct – 31 Oct 2026``; one day alone; nothing when there is none."""
    days = [day for day in (first, last) if day is not None]
    if len(set(days)) < 2:
        return "".join(languages.day(day, language) for day in days[:1])
    begin, end = days
    head = dates.format_date(begin, "d MMM", locale=language) if begin.year == end.year else languages.day(begin, language)
    return f"{head} – {languages.day(end, language)}"
