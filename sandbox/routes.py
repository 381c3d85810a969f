"""Every address of the outside world, and how a request finds its handler."""

import re
from collections.abc import Callable
from dataclasses import dataclass

from sandbox import home
from sandbox.bank import pages as bank_pages
from sandbox.controls import billers, billing_runs, faults, transfers
from sandbox.controls import messages as message_controls
from sandbox.doors import bank, direct, direct_service
from sandbox.doors.common import NoSuchBiller, has_secret
from sandbox.messages import sms
from sandbox.web.fields import Invalid
from sandbox.web.message import Reply, Request, json_reply
from sandbox.world import World

Handler = Callable[..., Reply]

DIRECT, BANK_DOOR, CONTROL = "/direct/v1/", "/bank/v1/", "/control/"

ADDRESSES: tuple[tuple[str, str, Handler], ...] = (
    ("POST", "/direct/v1/{biller}/payments", direct.pay),
    ("POST", "/bank/v1/collections", bank.document),
    ("GET", "/direct/v1/{biller}/subscribers/{subscriber}/bills", direct.bills),
    ("GET", "/direct/v1/{biller}/payments/{reference}", direct.payment),
    ("POST", "/direct/v1/{biller}/payments/{reference}/reversal", direct.reversal),
    ("POST", "/direct/v1/{biller}/subscribers/{subscriber}/charges", direct_service.charge),
    ("POST", "/direct/v1/{biller}/bills/{bill}/dispute", direct_service.dispute),
    ("PUT", "/direct/v1/{biller}/subscribers/{subscriber}/e-bill", direct_service.switch_e_bill_on),
    ("DELETE", "/direct/v1/{biller}/subscribers/{subscriber}/e-bill", direct_service.switch_e_bill_off),
    ("GET", "/direct/v1/{biller}/days/{date}", direct_service.day),
    ("GET", "/bank/accounts", bank_pages.accounts),
    ("GET", "/bank/accounts/{iban}/statement", bank_pages.statement),
    ("POST", "/sms/messages", sms.send),
    ("GET", "/sms/inbox", sms.inbox),
    ("GET", "/control/subscribers", billers.subscribers),
    ("POST", "/control/bills", billers.new_bill),
    ("GET", "/control/effects", billers.effects),
    ("GET", "/control/charges", billers.charges),
    ("POST", "/control/billing-runs", billing_runs.hold),
    ("POST", "/control/transfers", transfers.add),
    ("POST", "/control/faults", faults.add),
    ("GET", "/control/faults", faults.show),
    ("DELETE", "/control/faults", faults.clear),
    ("GET", "/control/messages", message_controls.sent),
    ("POST", "/control/sms", message_controls.write_sms),
    ("POST", "/control/mail", message_controls.write_mail),
    ("POST", "/control/bounces", message_controls.write_bounce),
    ("GET", "/healthz", home.health),
    ("GET", "/", home.page),
)


@dataclass(frozen=True, slots=True)
class Route:
    method: str
    pattern: re.Pattern[str]
    handler: Handler


def route(method: str, address: str, handler: Handler) -> Route:
    return Route(method, re.compile(re.sub(r"\{(\w+)\}", r"(?P<\1>[^/]{1,200})", address)), handler)


ROUTES = tuple(route(*line) for line in ADDRESSES)


def respond(world: World, request: Request) -> Reply:
    """Never raises for anything a client can send."""
    path = request.path
    if path.startswith((DIRECT, BANK_DOOR)) and not has_secret(request):
        return not_signed_in(path)
    if path.startswith((DIRECT, BANK_DOOR, CONTROL)):
        world.watch.catch_up()
    try:
        return dispatch(world, request, path)
    except NoSuchBiller as error:
        return json_reply(404, {"code": "unknown_biller", "title": f"There is no biller {error} behind this door."})
    except Invalid as error:
        status = 400 if path.startswith(DIRECT) else 422  # at a door 422 is a biller's no
        return json_reply(status, {"code": "invalid", "field": error.field, "title": error.title})


def dispatch(world: World, request: Request, path: str) -> Reply:
    methods: list[str] = []
    for candidate in ROUTES:
        if match := candidate.pattern.fullmatch(path):
            if candidate.method == request.method:
                return candidate.handler(world, request, **match.groupdict())
            methods.append(candidate.method)
    if methods:
        reply = json_reply(405, {"code": "method_not_allowed", "title": f"This address knows {', '.join(methods)}."})
        return Reply(reply.status, reply.body, headers={"Allow": ", ".join(methods)})
    return json_reply(404, {"code": "not_found", "title": "There is no such address; / lists them."})


def not_signed_in(path: str) -> Reply:
    if path.startswith(BANK_DOOR):
        return bank.error(401, "not_signed_in")
    return json_reply(401, {"code": "not_signed_in", "title": "Send Authorization: Bearer and a secret; any will do here."})
