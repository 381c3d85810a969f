"""
The one place where refusals and bugs become answers.

A page says what, why and what next with a reference number; the API answers with problem+json
(RFC 9457). Bugs are loud in the log and plain on the screen.
"""

from collections.abc import Mapping
from datetime import date, datetime
from typing import Any

import structlog
from flask import Flask, Response, flash, g, jsonify, redirect, render_template, request, url_for
from flask_wtf.csrf import CSRFError
from werkzeug.exceptions import HTTPException
from werkzeug.wrappers import Response as AnyResponse

from app import amounts, errors, languages
from app.errors import N_, Refusal
from app.money import Money
from app.remarks import Remark, Word
from app.web import display
from app.web.language import _, language
from app.web.way_back import came_from

log = structlog.get_logger()

API = "/api/"


class Stale(Refusal):
    say = N_("This page was open too long or was opened in another window. Nothing was done. Please try again.")
    status = 400


class Unreadable(Refusal):
    say = N_("The request cannot be read.")
    status = 400
    known_as = "invalid"  # so are those below: the request was not made as the contract says


class WrongUse(Unreadable):
    say = N_("This address does not answer to that kind of request.")
    status = 405


class TooLarge(Unreadable):
    say = N_("What you sent is too large.")
    status = 413


class WrongType(Unreadable):
    say = N_("This kind of content is not accepted here; the API takes application/json.")
    status = 415


class Broken(Refusal):
    say = N_("Something went wrong on our side; nothing was half done. Tell support the reference number.")
    status = 500


BY_STATUS: dict[int, type[Refusal]] = {400: Unreadable, 404: errors.NotFound, 405: WrongUse, 413: TooLarge, 415: WrongType}

# Whose refusals are shown on the form they came from, instead of on a page of their own: endpoint -> endpoint
SHOWN_ON: dict[str, str] = {}
SIGN_IN = "people.sign_in_page"

# Refusals that people mend on a page of its own, and then come back: name -> endpoint
LEADS_TO: dict[str, str] = {}

# Facts that are words of ours, each marked with N_ where it is defined.
WORDS = ("state", "outcome", "code")


def install(app: Flask) -> None:
    app.jinja_env.globals["refusal_sentence"] = sentence
    app.register_error_handler(Refusal, answer)
    app.register_error_handler(CSRFError, lambda _error: answer(Stale()))
    app.register_error_handler(HTTPException, answer_http)
    app.register_error_handler(Exception, answer_bug)


def answer(refusal: Refusal) -> AnyResponse:
    if request.path.startswith(API):
        return problem(refusal)
    if isinstance(refusal, errors.NotSignedIn):
        return redirect(url_for(SIGN_IN), 303)
    if isinstance(refusal, errors.TryAgain):
        g.database_away = True
    if page := LEADS_TO.get(refusal.name()):
        flash(on_page(refusal), "refusal")
        return redirect(url_for(page, back=came_from()), 303)
    if (page := SHOWN_ON.get(request.endpoint or "")) and not isinstance(refusal, errors.TooMany):
        flash(on_page(refusal), "refusal")
        return redirect(url_for(page, back=request.args.get("back")), 303)
    response = Response(render_template("refusal.html", refusal=refusal, sentence=on_page(refusal), reference=g.reference), refusal.status)
    return with_retry(response, refusal)


def answer_http(error: HTTPException) -> AnyResponse:
    if error.code and error.code < 400:
        return error.get_response()
    refusal = BY_STATUS.get(error.code or 500, Unreadable if (error.code or 500) < 500 else Broken)()
    return answer(refusal)


def answer_bug(_error: Exception) -> AnyResponse:
    log.exception("bug", reference=g.get("reference"), path=request.path)
    return answer(Broken())


def problem(refusal: Refusal) -> AnyResponse:
    """RFC 9457; ``type`` ends in the refusal's name."""
    body: dict[str, Any] = {
        "type": f"https://gise.example/problems/{refusal.name()}",
        "title": sentence(refusal),
        "status": refusal.status,
        "reference": g.reference,
        "facts": {name: plain(value) for name, value in refusal.facts.items()},
    }
    if isinstance(refusal, errors.Invalid):
        body["errors"] = [{"field": field, "message": _(message)} for field, message in refusal.errors.items()]
    response = jsonify(body)
    response.status_code = refusal.status
    response.content_type = "application/problem+json"
    if refusal.status == 401:
        response.headers["WWW-Authenticate"] = "Bearer"
    return with_retry(response, refusal)


def with_retry(response: Response, refusal: Refusal) -> Response:
    if refusal.retry_after:
        response.headers["Retry-After"] = str(refusal.retry_after)
    return response


def on_page(refusal: Refusal) -> str:
    """Where people read it, what is wrong with each field is said, not the fields' names."""
    own = [] if "{fields}" in refusal.say else [sentence(refusal)]
    details = [_(message) for message in refusal.errors.values()] if isinstance(refusal, errors.Invalid) else []
    return " ".join(dict.fromkeys([*own, *details]))


def sentence(refusal: Refusal) -> str:
    """In the reader's language, with the facts as people read them."""
    facts: Mapping[str, object] = {
        name: _(str(value)) if name in WORDS else shown(value, language()) for name, value in refusal.facts.items()
    }
    return _(refusal.say).format_map(facts)


def shown(value: object, to_language: str) -> object:
    if isinstance(value, Money):
        return amounts.money(value, to_language)
    if isinstance(value, datetime):
        return display.moment(value, to_language, display.zone())
    if isinstance(value, date):
        return languages.day(value, to_language)
    if isinstance(value, Remark | Word):
        return value.in_words(to_language)
    if isinstance(value, tuple):
        words = [str(shown(one, to_language)) for one in value]
        return (" " if all(word.endswith(".") for word in words) else ", ").join(words)
    return value


def plain(value: object) -> object:
    """A fact for machines: amounts in minor units, times RFC 3339."""
    if isinstance(value, Money):
        return {"amount": value.minor, "currency": value.currency}
    if isinstance(value, datetime):
        return value.isoformat()
    if isinstance(value, tuple):
        return [plain(one) for one in value]
    return value if isinstance(value, int | str | bool | None) else str(value)
