"""``/bank/events``: what a bank pushes, signed with its account's secret (docs/bank-push.md)."""

import structlog
from flask import Blueprint, Response, jsonify, request

from app import clock, db
from app.bank.incoming.push_secret import check_signature, secret_of
from app.bank.incoming.statement_queries import reports_on, totals
from app.bank.incoming.take_event import LARGEST, pushing_account, take_event
from app.config import Config
from app.errors import Refusal
from app.web.forms import csrf
from app.web.guards import public
from app.web.parts import part
from app.web.refusals import problem

log = structlog.get_logger()

blueprint = Blueprint("bank-events", __name__)
blueprint.register_error_handler(Refusal, problem)


def install() -> None:
    csrf.exempt(blueprint)  # its signature says who sends it: no browser's cookie counts here


@blueprint.post("/bank/events")
@public
def events() -> Response:
    """Anybody may knock; only who signs is read."""
    request.max_content_length = LARGEST
    body, now, iban = request.get_data(cache=False), clock.now(), request.headers.get("Gise-Account", "")
    with db.reading() as session:
        account = pushing_account(session, iban)
    config = part(Config)
    try:
        check_signature(
            secret_of(iban, account.push_key, config=config),
            timestamp=request.headers.get("Gise-Timestamp", ""),
            body=body,
            given=request.headers.get("Gise-Signature", ""),
            now=now,
        )
    except Refusal as refusal:
        log.warning("bank-event.refused", account=iban, why=type(refusal).__name__, size=len(body), address=request.remote_addr)
        raise
    taken = take_event(iban, body, now=now)
    with db.reading() as session:
        done = totals(reports_on(session, taken.imported))
    return jsonify(event=taken.event, again=taken.again, **done)
