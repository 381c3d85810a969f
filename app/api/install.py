"""Hangs the API into the application, with its document."""

from flask import Flask, Response, jsonify, render_template
from flask_smorest import Api

from app.api import bank, book, cancellations, changes, disputes, exceptions, exports, papers, people, trade
from app.api.parsing import Blueprint
from app.web.forms import csrf
from app.web.guards import public

VERSION = "1"
ROOMS = (people, trade, disputes, book, bank, cancellations, changes, papers, exports, exceptions)


class Documented(Api):  # type: ignore[misc]
    """flask-smorest without its own error answers: :mod:`app.web.refusals` gives them all."""

    def _register_error_handlers(self) -> None:
        pass


def install(app: Flask) -> None:
    app.config.update(API_TITLE="Gişe", API_VERSION=VERSION, OPENAPI_VERSION="3.1.0", OPENAPI_URL_PREFIX=None)
    api = Documented(app)
    api.spec.components.security_scheme("token", {"type": "http", "scheme": "bearer"})
    api.spec.options["security"] = [{"token": []}]
    for room in ROOMS:
        csrf.exempt(room.blueprint)  # a bearer token is no cookie: no other site can send it
        api.register_blueprint(room.blueprint)
    describe(app, api)


def describe(app: Flask, api: Documented) -> None:
    documents = Blueprint("api-document", __name__, url_prefix="/api")

    @documents.route("/v1/openapi.json")
    @public
    def openapi() -> Response:
        return jsonify(api.spec.to_dict())

    @documents.route("/docs")
    @public
    def readable() -> str:
        return render_template("api/document.html", document=api.spec.to_dict())

    app.register_blueprint(documents)
