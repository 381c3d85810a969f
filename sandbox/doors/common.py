"""What both doors share: who may come in, how things are spelt, and the four operations that faults disturb."""

import re
from collections.abc import Callable
from decimal import Decimal

from sandbox import clock
from sandbox.billers.answer import about_whom, status
from sandbox.billers.collect import Order, collect
from sandbox.billers.look_up import look_up
from sandbox.billers.reverse import reverse
from sandbox.billing_runs.history import is_written, write_history
from sandbox.carriers.carrier import Carrier
from sandbox.carriers.directory import CARRIERS
from sandbox.faults.behaviour import Call, serve
from sandbox.faults.lies import Said
from sandbox.web.fields import Invalid
from sandbox.web.message import Reply, Request
from sandbox.world import World

REFERENCE = re.compile(r"[A-Z0-9-]{1,40}")
PERIOD = re.compile(r"[0-9]{4}-(0[1-9]|1[0-2])")
UNIT_PRICE = re.compile(r"[0-9]{1,7}(\.[0-9]{1,4})?")
USUAL_BILLS, MOST_BILLS = 3, 24

Say = Callable[[Said], Reply]


class NoSuchBiller(Exception):
    """There is none of this name behind this door."""


def find(biller: str, *, door: str) -> Carrier:
    """:raises NoSuchBiller:"""
    carrier = CARRIERS.get(biller)
    if carrier is None or carrier.door != door:
        raise NoSuchBiller(biller)
    return carrier


def has_secret(request: Request) -> bool:
    """Any secret opens the sandbox; none at all does not, so that a forgotten header is noticed here and not in production."""
    scheme, _, secret = request.headers.get("authorization", "").partition(" ")
    return scheme.lower() == "bearer" and bool(secret.strip())


def inquire(world: World, carrier: Carrier, subscriber: str, *, last: int, period: str | None, say: Say) -> Reply:
    def act(claim: str) -> Said:
        if period or last > USUAL_BILLS:
            remember_old_bills(world, carrier, subscriber)
        with world.store.reading() as connection:
            today = clock.today(carrier.zone)
            return look_up(connection, carrier, subscriber, world.shelf, last=last, period=period, today=today)

    return serve(world, Call(carrier.code, "inquiry", lambda: subscriber, act, say))


def remember_old_bills(world: World, carrier: Carrier, subscriber: str) -> None:
    with world.store.reading() as connection:
        written = is_written(connection, carrier, subscriber)
    if not written:
        with world.store.writing() as connection:
            write_history(connection, carrier, subscriber)


def pay(world: World, carrier: Carrier, order: Order, *, say: Say) -> Reply:
    def act(claim: str) -> Said:
        with world.store.writing() as connection:
            return collect(connection, carrier, order, now=clock.now(), claim=claim)

    return serve(world, Call(carrier.code, "pay", lambda: order.subscriber, act, say))


def ask(world: World, carrier: Carrier, reference: str, *, say: Say) -> Reply:
    def act(claim: str) -> Said:
        with world.store.reading() as connection:
            return status(connection, carrier, reference)

    return serve(world, Call(carrier.code, "status", lambda: whom(world, carrier, reference), act, say))


def undo(world: World, carrier: Carrier, reference: str, *, remember: bool, say: Say) -> Reply:
    def act(claim: str) -> Said:
        with world.store.writing() as connection:
            return reverse(connection, carrier, reference, now=clock.now(), remember=remember, claim=claim)

    return serve(world, Call(carrier.code, "reverse", lambda: whom(world, carrier, reference), act, say))


def whom(world: World, carrier: Carrier, reference: str) -> str:
    with world.store.reading() as connection:
        return about_whom(connection, carrier, reference)


def reference(text: str, field: str) -> str:
    """:raises Invalid: if it is none of ours"""
    if not REFERENCE.fullmatch(text):
        raise Invalid(field, "A reference of 1 to 40 characters A-Z, 0-9 and - is expected.")
    return text


def period(text: str | None) -> str | None:
    """:raises Invalid: if it is no month"""
    if text is not None and not PERIOD.fullmatch(text):
        raise Invalid("period", "A month is expected, such as 2026-10.")
    return text


def unit_price(text: str) -> Decimal:
    """:raises Invalid: if it is no price in major units with up to four decimals"""
    if not UNIT_PRICE.fullmatch(text):
        raise Invalid("amount", "A decimal text in major units with up to four decimals is expected, such as 0.0236.")
    return Decimal(text)
