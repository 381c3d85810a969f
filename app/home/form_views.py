"""``/forms``: the papers that people sign, blank, in the languages of the reader's market."""

from dataclasses import dataclass

from flask import Blueprint, Response, render_template, request
from sqlalchemy.orm import Session

from app import clock, db, languages
from app.cancellations.print_form import KIND as CANCELLATION
from app.cancellations.print_form import print_blank_cancellation
from app.documents.print_form import FORMS, print_form
from app.errors import N_, NotFound
from app.markets import INSTITUTION, MARKETS, Market
from app.web.actor import actor
from app.web.files import paper
from app.web.guards import signed_in
from app.web.language import language

blueprint = Blueprint("forms", __name__, template_folder="templates")

WHEN = {
    "bill_cancellation": N_("The customer signs it when a payment of today is to be cancelled. The payment's page prints it filled in."),
    "agent_information": N_("Another name, address, phone, mail address, tax number or account of the shop."),
    "person_change": N_("Somebody begins or stops working with the own login."),
    "agency_termination": N_("The shop gives up the agency; the rest of its balance is paid out."),
}


@dataclass(frozen=True)
class Line:
    kind: str
    title: str
    when: str


@blueprint.get("/forms")
@signed_in
def forms() -> str:
    lines = [Line(kind.replace("_", "-"), FORMS[kind].title, when) for kind, when in WHEN.items()]
    return render_template("home/forms.html", lines=lines, offered={code: languages.NAMES[code] for code in offered()})


@blueprint.get("/forms/<kind>")
@signed_in
def form(kind: str) -> Response:
    """:raises NotFound: if there is no such form"""
    name = kind.replace("-", "_")
    if name not in FORMS:
        raise NotFound
    chosen = request.args.get("language", "")
    code = chosen if chosen in offered() else offered()[0]
    with db.reading() as session:
        return paper(blank(session, name, market_of(code), language=code), f"{kind}-{code}")


def blank(session: Session, kind: str, market: Market, *, language: str) -> bytes:
    if kind == CANCELLATION:
        return print_blank_cancellation(session, market, language=language, now=clock.now())
    return print_form(session, kind, market=market, language=language, data={}, reference=None, at=clock.now())


def offered() -> list[str]:
    """A shop's market first, then what the reader reads; the institution's own people serve all markets."""
    of_markets = actor().market.languages if actor().agent else [code for market in MARKETS.values() for code in market.languages]
    return list(dict.fromkeys([languages.supported(code) for code in (*of_markets, language())]))


def market_of(code: str) -> Market:
    if actor().agent:
        return actor().market
    return next((market for market in MARKETS.values() if code in market.languages), INSTITUTION)
