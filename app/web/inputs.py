"""What no page can mean is refused before any view sees it; what stands in an address is read strictly."""

from datetime import date, datetime

from flask import Flask, request
from werkzeug.routing import IntegerConverter, Map

from app.errors import N_, Invalid
from app.web.actor import actor
from app.web.refusals import Unreadable

LARGEST_NUMBER = 2**53
LONGEST_CURSOR = 18  # digits: always a bigint


class Number(IntegerConverter):
    """``<number:id>`` in an address: no larger than a database's key can be."""

    def __init__(self, map: Map) -> None:
        super().__init__(map, max=LARGEST_NUMBER)


def install(app: Flask) -> None:
    app.url_map.converters["number"] = Number

    @app.before_request
    def refuse_nul() -> None:
        """PostgreSQL's text has no NUL; nobody types one."""
        values = [request.path, *request.args.values(), *request.args]
        if request.mimetype in ("application/x-www-form-urlencoded", "multipart/form-data"):
            values += [*request.form.values(), *request.form]
        if any("\0" in value for value in values):
            raise Unreadable


def read_cursor() -> int | None:
    """``?cursor=`` of a list that goes by number."""
    text = request.args.get("cursor", "")
    if text and not (text.isascii() and text.isdigit() and len(text) <= LONGEST_CURSOR):
        raise Invalid(cursor=N_("This cursor was not given by us."))
    return int(text) if text else None


def read_midnight(name: str) -> datetime | None:
    """The beginning of a day, ``?from=2026-11-22``, in the reader's market."""
    text = request.args.get(name, "")
    if not text:
        return None
    try:
        return datetime.fromisoformat(f"{text}T00:00").replace(tzinfo=actor().market.zone)
    except ValueError as error:
        raise Invalid(**{name: N_("This is no day.")}) from error


def read_day(name: str) -> date | None:
    """A day that was sent, ``2026-10-31``; ``None`` when the field was left empty."""
    typed = request.form.get(name, "")
    try:
        return date.fromisoformat(typed) if typed else None
    except ValueError as error:
        raise Invalid(**{name: N_("A day such as 2026-10-31 is needed.")}) from error
