"""Quantities and unit prices of a bill's lines, as the reader writes them: ``316 min 40 s``, ``6,33 GB``, ``0,0236 ₼``."""

from datetime import date
from decimal import ROUND_HALF_UP, Decimal

from babel import dates
from babel.numbers import format_decimal

from app import languages
from app.errors import N_
from app.web import display

TOO_LONG = 15  # digits before the point: nothing a carrier counts; such a number stays as it came

# A pattern of its own: a currency's pattern would print 0.0236 as 0.02.
FOUR_DECIMALS, TWO_AT_MOST, FOUR_AT_MOST = "#,##0.0000;−#,##0.0000", "#,##0.##;−#,##0.##", "#,##0.####;−#,##0.####"


def quantity(amount: Decimal | None, unit: str, language: str) -> str:
    """With its unit in the reader's language; minutes with a fraction as minutes and seconds; a unit of its own stays as it came."""
    if amount is None:
        return ""
    if unit == "minute" and amount != amount.to_integral_value() and not is_too_long(amount):
        return minutes_and_seconds(amount, language)
    written = number(amount, TWO_AT_MOST if unit in ("GB", "MB") else FOUR_AT_MOST, language)
    return counted(unit, 1 if amount == 1 else 2, language).format(count=written).replace(" ", display.NO_BREAK)


def minutes_and_seconds(amount: Decimal, language: str) -> str:
    minutes, seconds = divmod(int((abs(amount) * 60).quantize(Decimal(1), ROUND_HALF_UP)), 60)
    sign = "−" if amount < 0 else ""
    written = languages.translate(N_("{minutes} min {seconds} s"), language)
    return sign + written.format(minutes=display.count(minutes, language), seconds=seconds).replace(" ", display.NO_BREAK)


def counted(unit: str, how_many: int, language: str) -> str:
    """The sentence for ``{count}`` of a unit."""
    ngettext = languages.catalog(language).ungettext
    match unit:
        case "month":
            sentence = ngettext("{count} month", "{count} months", how_many)
        case "day":
            sentence = ngettext("{count} day", "{count} days", how_many)
        case "minute":
            sentence = ngettext("{count} min", "{count} min", how_many)
        case "second":
            sentence = ngettext("{count} s", "{count} s", how_many)
        case "sms":
            sentence = ngettext("{count} SMS", "{count} SMS", how_many)
        case "call":
            sentence = ngettext("{count} call", "{count} calls", how_many)
        case "piece" | "item":
            sentence = ngettext("{count} piece", "{count} pieces", how_many)
        case "instalment":
            sentence = ngettext("{count} instalment", "{count} instalments", how_many)
        case _:
            sentence = f"{{count}} {unit.replace('{', '(').replace('}', ')')}".rstrip()
    return str(sentence)


def unit_price(price: Decimal | None, currency: str, language: str) -> str:
    """Always with four decimals, and with its currency."""
    return "" if price is None else number(price, FOUR_DECIMALS, language) + display.NO_BREAK + display.SYMBOLS[currency]


def number(value: Decimal, pattern: str, language: str) -> str:
    if is_too_long(value):
        return str(value)
    decimals = Decimal("0.01") if pattern == TWO_AT_MOST else Decimal("0.0001")
    return str(format_decimal(value.quantize(decimals, ROUND_HALF_UP), format=pattern, locale=language))


def is_too_long(value: Decimal) -> bool:
    return value.adjusted() > TOO_LONG


def span(first: date | None, last: date | None, language: str) -> str:
    """``1 Oct – 31 Oct 2026``; one day alone; nothing when there is none."""
    days = [day for day in (first, last) if day is not None]
    if len(set(days)) < 2:
        return "".join(display.day(day, language) for day in days[:1])
    begin, end = days
    head = dates.format_date(begin, "d MMM", locale=language) if begin.year == end.year else display.day(begin, language)
    return f"{head} – {display.day(end, language)}"
