"""What a carrier says about one of our references; the same for ever, except that an accepted payment may be reversed."""

import sqlite3
from dataclasses import dataclass

from app.money import Money
from sandbox.carriers.carrier import Carrier


@dataclass(frozen=True, slots=True)
class Answer:
    """
    :ivar state: ``accepted``, ``rejected``, ``reversed``, ``refused`` (a reversal) or ``never_seen``
    :ivar amount: what was booked, when something was
    :ivar code: why it was rejected, or the reversal refused
    :ivar by_reference: who paid the bill, when the code is ``already_paid``; :ivar at: and when
    """

    state: str
    reference: str
    amount: Money | None = None
    biller_reference: str = ""
    code: str = ""
    by_reference: str = ""
    at: str = ""


def known(connection: sqlite3.Connection, carrier: Carrier, reference: str) -> Answer | None:
    """What was said about this reference before; ``None`` if it never came."""
    effect = connection.execute("SELECT * FROM effects WHERE biller = ? AND reference = ?", (carrier.code, reference)).fetchone()
    if effect is not None:
        amount = Money(effect["amount"], carrier.currency)
        return Answer(effect["state"], reference, amount, biller_reference(carrier, effect["id"]), at=effect["at"])
    refusal = connection.execute("SELECT * FROM refusals WHERE biller = ? AND reference = ?", (carrier.code, reference)).fetchone()
    if refusal is None:
        return None
    if refusal["code"] == "reversed":
        return Answer("reversed", reference, at=refusal["at"])
    return Answer("rejected", reference, code=refusal["code"], by_reference=refusal["by_reference"], at=refusal["at"])


def status(connection: sqlite3.Connection, carrier: Carrier, reference: str) -> Answer:
    return known(connection, carrier, reference) or Answer("never_seen", reference)


def keep_refusal(connection: sqlite3.Connection, carrier: Carrier, answer: Answer) -> Answer:
    """A *no*, or a reversal of what never came: remembered, so that it is said again whatever comes later."""
    connection.execute(
        "INSERT INTO refusals (biller, reference, code, by_reference, at) VALUES (?, ?, ?, ?, ?)",
        (carrier.code, answer.reference, answer.code or answer.state, answer.by_reference, answer.at),
    )
    return answer


def biller_reference(carrier: Carrier, effect_id: int) -> str:
    """``B00000123`` at the bank's door, ``A00000123`` at Azercell's."""
    return f"{'B' if carrier.door == 'bank' else carrier.initial}{effect_id:08d}"


def about_whom(connection: sqlite3.Connection, carrier: Carrier, reference: str) -> str:
    """The subscriber of a booked payment; empty if nothing was booked."""
    row = connection.execute("SELECT subscriber FROM effects WHERE biller = ? AND reference = ?", (carrier.code, reference)).fetchone()
    return str(row["subscriber"]) if row else ""
