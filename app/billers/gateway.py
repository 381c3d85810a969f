"""What every biller can do, whatever its protocol. The doors live in ``doors/``, one file each."""

from contextlib import AbstractContextManager
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from enum import StrEnum
from typing import Literal, Protocol

from app.billing.bill import Account
from app.errors import N_, Refusal
from app.money import Money


class Verdict(StrEnum):
    """P-02: a clear yes, a clear no, and everything else."""

    YES = "yes"
    NO = "no"
    UNKNOWN = "unknown"


@dataclass(frozen=True)
class Answer:
    """
    :ivar code: the biller's word for a no (``amount_changed`` …), or what made it unknown
    :ivar biller_reference: its approval number, with a yes
    """

    verdict: Verdict
    code: str = ""
    biller_reference: str = ""


@dataclass(frozen=True)
class Order:
    """What the biller is asked to take: one bill, one amount, our reference."""

    reference: str
    biller: str
    subscriber: str
    bill: str
    amount: Money
    version: str
    agent: str
    at: datetime


@dataclass(frozen=True)
class DayLine:
    """One line of a biller's T+1 file."""

    reference: str
    biller_reference: str
    subscriber: str
    bill: str
    amount: Money
    state: str
    at: datetime


class SubscriberNotFound(Refusal):
    say = N_("{biller} knows no subscriber {subscriber}. Check the number with the customer.")
    status = 404


class AccountClosed(Refusal):
    say = N_("The account {subscriber} at {biller} is closed. The customer may call {phone}.")
    status = 404


class BillerUnreachable(Refusal):
    say = N_("{biller} does not answer at the moment; nothing was paid. Try again in a minute, or the customer may call {phone}.")
    status = 503
    retry_after = 30


class Gateway(Protocol):
    """
    One biller. Every call has one deadline of 8 s and is never repeated by itself.

    :ivar on_unknown: ``ask``: the status by our reference settles an unknown payment;
        ``reverse``: if the status is unclear too, a reversal is sent until it is final (P-06)
    """

    on_unknown: Literal["ask", "reverse"]

    def place(self) -> AbstractContextManager[None]:
        """
        One of the places for calls at this biller; take it before the hold.

        :raises BillerUnreachable: if none became free within 5 s
        """

    def inquire(self, subscriber: str, *, period: str | None = None) -> Account:
        """
        The last three bills, or those of ``period`` (``2026-10``), the newest first.

        :raises SubscriberNotFound: …
        :raises AccountClosed: …
        :raises BillerUnreachable: if anything else came back, or nothing
        """

    def pay(self, order: Order) -> Answer:
        """Send once. A yes repeats our reference and the exact amount; the caller holds a :meth:`place`."""

    def status(self, order: Order, *, seconds_since_sent: int) -> Answer:
        """What became of it. Not seen at all is a no only where the protocol makes it one, and not before 15 s."""

    def reverse(self, order: Order, *, reason: str) -> Answer:
        """Take it back: a yes means taken back (or never to happen), a no that it stands for good."""

    def day(self, on: date) -> list[DayLine] | None:
        """The T+1 file of that business day, or ``None`` when it is not there yet."""

    def dispute(self, *, subscriber: str, bill: str, reason: str) -> str:
        """
        :returns: the biller's reference of the dispute
        :raises SubscriberNotFound: …
        :raises AccountClosed: …
        :raises NotFound: if it knows no such bill
        :raises BillerUnreachable: if it said neither yes nor no
        """

    def charge(self, subscriber: str, *, reference: str, text: str, amount: Decimal) -> None:
        """
        Something that goes onto the line's next bill, such as the price of an SMS inquiry. One reference is charged once.

        :param amount: in major units, up to four decimals; the biller rounds the sum on its bill
        :raises SubscriberNotFound: …
        :raises AccountClosed: …
        :raises BillerUnreachable: if it did not clearly accept; the same reference may be sent again
        """

    def switch_e_bill(self, subscriber: str, *, email: str) -> None:
        """
        Tell the biller where it may mail this subscriber's bills; an empty address switches that off. May be said again.

        :raises SubscriberNotFound: …
        :raises AccountClosed: …
        :raises BillerUnreachable: if it did not clearly accept
        """
