"""What no page can mean is refused before any view sees it."""

from flask import Flask, request
from werkzeug.routing import IntegerConverter, Map

from app.web.refusals import Unreadable

LARGEST_NUMBER = 2**53


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
