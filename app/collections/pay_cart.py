"""Several bills of one customer, one after another (P-09)."""

from collections.abc import Sequence
from dataclasses import dataclass

from app import clock
from app.billers.gateway import Gateway
from app.collections.model import Payment
from app.collections.pay_bill import Wish, pay_bill
from app.errors import Refusal


@dataclass(frozen=True)
class Outcome:
    """Either the payment, or the refusal before any hold."""

    wish: Wish
    payment: Payment | None
    refusal: Refusal | None = None


def pay_cart(wishes: Sequence[Wish], gateway: Gateway) -> list[Outcome]:
    """
    Each stands for itself: what is paid is paid, whatever becomes of the next.

    :raises Refusal: if there is only one and it was refused before its hold
    """
    if len(wishes) == 1:
        return [Outcome(wishes[0], pay_bill(wishes[0], gateway, now=clock.now()))]
    return [pay_one(wish, gateway) for wish in wishes]


def pay_one(wish: Wish, gateway: Gateway) -> Outcome:
    try:
        return Outcome(wish, pay_bill(wish, gateway, now=clock.now()))
    except Refusal as refusal:
        return Outcome(wish, None, refusal)
