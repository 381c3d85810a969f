"""
Places on a page that slices above fill: a countdown beside a payment, a pending change on an agent's page.

``fill("beside-payment", draw)`` at start; ``{{ slot("beside-payment", payment) }}`` in a template.
"""

from collections import defaultdict
from collections.abc import Callable

from flask import Flask, g, render_template
from markupsafe import Markup

_slots: dict[str, list[Callable[..., Markup]]] = defaultdict(list)


def install(app: Flask) -> None:
    _slots.clear()
    app.jinja_env.globals["slot"] = slot


def fill(name: str, draw: Callable[..., Markup]) -> None:
    _slots[name].append(draw)


def drawn(template: str, **values: object) -> Markup:
    return Markup(render_template(template, **values))  # noqa: S704 — a template escapes what it shows


def slot(name: str, *facts: object) -> Markup:
    """Nothing on the page that says the database is away: slots ask it."""
    return Markup("") if "database_away" in g else Markup("").join(draw(*facts) for draw in _slots[name])
