"""``/bank-accounts``: where an agent's money is sent, and what to write into the transfer."""

from flask import Blueprint, render_template
from markupsafe import Markup

from app import clock, db
from app.bank.payee_qr import WORDS as QR_WORDS
from app.bank.payee_qr import payee_qr
from app.bank.queries import bank_accounts_of, silent_accounts
from app.config import Config
from app.people.permissions import SEE_OWN_BALANCE
from app.people.queries import phone_for_transfers
from app.phones import as_typed
from app.web import slots
from app.web.actor import actor, actor_or_none, shop
from app.web.guards import guard
from app.web.parts import part

blueprint = Blueprint("bank-accounts", __name__, template_folder="templates")


def install() -> None:
    slots.fill("top-right", red_button)


def red_button() -> Markup:
    person = actor_or_none()
    return slots.drawn("bank/_red_button.html") if person and person.may(SEE_OWN_BALANCE) else Markup()


@blueprint.get("/bank-accounts")
@guard(SEE_OWN_BALANCE)
def bank_accounts() -> str:
    person = actor()
    with db.reading() as session:
        accounts = bank_accounts_of(session, person.market)
        silent = silent_accounts(session, now=clock.now(), market=person.market)
        reference = as_typed(phone_for_transfers(session, shop(), person=person.person))
    producer = part(Config).karekod_producer
    codes = [(account, *payee_qr(account, reference, producer=producer)) for account in accounts]
    rows = [(account, text, QR_WORDS[kind]) for account, kind, text in codes]
    return render_template("bank/accounts.html", rows=rows, reference=reference, silent=silent)
