"""Which language this request speaks: the person's, else the one chosen on this device, else the browser's, else Turkish."""

from flask import Flask, g, request

from app import languages
from app.web.actor import actor_or_none

COOKIE = "gise_language"


def install(app: Flask) -> None:
    app.jinja_env.add_extension("jinja2.ext.i18n")
    app.jinja_env.install_gettext_callables(_, ngettext, newstyle=True)  # type: ignore[attr-defined]
    app.jinja_env.globals.update(language=language, language_names=languages.NAMES)


def language() -> str:
    if "language" not in g:
        g.language = choose_language()
    return str(g.language)


def choose_language() -> str:
    person = actor_or_none()
    if person:
        return languages.supported(person.language)
    chosen = request.cookies.get(COOKIE)
    if chosen in languages.NAMES:
        return chosen
    return request.accept_languages.best_match(languages.NAMES, languages.DEFAULT)


def _(sentence: str) -> str:
    """The sentence in this request's language."""
    return languages.translate(sentence, language())


def ngettext(one: str, many: str, number: int) -> str:
    return str(languages.catalog(language()).ungettext(one, many, number))
