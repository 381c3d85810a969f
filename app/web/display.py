"""How values are shown. Money never without its currency, times in the reader's market."""

from datetime import date, datetime
from zoneinfo import ZoneInfo

import segno
from babel import Locale, dates
from flask import Flask, request, url_for
from markupsafe import Markup, escape

from app.amounts import digits, money, separators
from app.languages import day
from app.markets import INSTITUTION
from app.money import Money
from app.web.actor import actor_or_none
from app.web.language import language


def install(app: Flask) -> None:
    app.jinja_env.filters.update(
        money=lambda amount: money(amount, language()),
        digits=lambda amount: digits(amount, language()),
        typed=lambda amount: typed(amount, language()),
        moment=lambda at: moment(at, language(), zone()),
        clock=lambda at: clock(at, zone()),
        day=lambda on: day(on, language()),
        weekday=lambda on: dates.format_date(on, "EEE", locale=language()),
        month=lambda on: month(on, language()),
        isoday=lambda text: day(date.fromisoformat(text), language()),
        phone=phone,
        age=lambda since: dates.format_timedelta(since, locale=language()),
        groups=groups,
        count=lambda number: count(number, language()),
        left=left,
        country=lambda code: country(code, language()),
    )
    app.jinja_env.globals.update(qr=qr, next_page=next_page, path=lambda: request.path, weekday_names=lambda: weekday_names(language()))


def zone() -> ZoneInfo:
    person = actor_or_none()
    return (person.market if person else INSTITUTION).zone


def typed(amount: Money, to_language: str) -> str:
    """What stands in a box for an amount: without groups, for ``16,595`` alone can be read in two ways."""
    return str(amount.decimal).replace(".", separators(to_language)[1])


def count(number: int, to_language: str) -> str:
    """``1.000.000`` in Turkish."""
    return f"{number:,}".replace(",", separators(to_language)[0])


def moment(at: datetime, to_language: str, in_zone: ZoneInfo) -> str:
    return dates.format_datetime(at, "d MMM y HH:mm:ss", tzinfo=in_zone, locale=to_language)


def clock(at: datetime, in_zone: ZoneInfo) -> str:
    return at.astimezone(in_zone).strftime("%H:%M:%S")


def left(seconds: int) -> str:
    """``1:23:45`` until something ends."""
    return f"{seconds // 3600}:{seconds // 60 % 60:02d}:{seconds % 60:02d}"


def country(code: str, to_language: str) -> str:
    """``HU`` is *Macaristan* in Turkish."""
    return str(Locale.parse(to_language).territories[code])


def month(on: date, to_language: str) -> str:
    return dates.format_skeleton("yMMMM", on, locale=to_language)


def weekday_names(to_language: str) -> list[tuple[str, str]]:
    """From Monday on, short and whole: ``Mo``, ``Monday``."""
    short, whole = (dates.get_day_names(width, "stand-alone", to_language) for width in ("short", "wide"))
    return [(short[day], whole[day]) for day in range(7)]


def phone(number: str) -> str:
    """``+90 532 000 10 42``: an E.164 number in groups a person can read aloud."""
    if number.startswith("+90") and len(number) == 13:
        return f"0{number[3:6]} {number[6:9]} {number[9:11]} {number[11:]}"
    return number


def qr(text: str) -> Markup:
    """A QR code as inline SVG."""
    drawing = segno.make(text, error="m").svg_inline(scale=3, border=2, svgclass="qr", lineclass=None, omitsize=True)
    return Markup(drawing)  # noqa: S704 — segno draws it, no text of ours is in it


def next_page(cursor: str) -> str:
    """This page's address with the same filters, from ``cursor`` on."""
    filters = {name: values for name, values in request.args.lists() if name != "endpoint" and not name.startswith("_")}
    arguments = (request.view_args or {}) | filters | {"cursor": cursor}
    return url_for(str(request.endpoint), **arguments)


def groups(iban: str) -> Markup:
    """An IBAN in fours; copied text keeps no spaces."""
    return Markup(" ").join(escape(iban[start : start + 4]) for start in range(0, len(iban), 4))
