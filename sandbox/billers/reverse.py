"""Reversal: on its business day a payment can be undone, afterwards it is settled."""

import sqlite3
from dataclasses import replace
from datetime import datetime

from sandbox.billers.answer import Answer, keep_refusal, known
from sandbox.billers.claims import give_back
from sandbox.carriers.carrier import Carrier


def reverse(connection: sqlite3.Connection, carrier: Carrier, reference: str, *, now: datetime, remember: bool, claim: str = "") -> Answer:
    """
    Repeated, it says the same. A rejected reference is *reversed* too: nothing of it stands.

    :param remember: a reference never seen is reversed for ever, and a payment that comes late is blocked;
        without it the answer is ``never_seen``
    :param claim: a fault's word, ``already_paid`` or ``not_allowed``: refuse whatever still stands
    """
    at = now.astimezone(carrier.zone).isoformat(timespec="milliseconds")
    said = known(connection, carrier, reference)
    if said is not None and said.state == "reversed":
        return said
    if claim:
        return Answer("refused", reference, code="settled" if claim == "already_paid" else claim)
    if said is None:
        return keep_refusal(connection, carrier, Answer("reversed", reference, at=at)) if remember else Answer("never_seen", reference)
    if said.state == "rejected":
        return Answer("reversed", reference, at=said.at)
    if said.at[:10] != at[:10]:
        return replace(said, state="refused", code="settled")
    undo(connection, carrier, reference, at=at)
    return replace(said, state="reversed")


def undo(connection: sqlite3.Connection, carrier: Carrier, reference: str, *, at: str) -> None:
    """Every bill it paid is open again exactly as it was, and an advance is taken back."""
    key = (carrier.code, reference)
    effect = connection.execute("SELECT * FROM effects WHERE biller = ? AND reference = ?", key).fetchone()
    connection.execute("UPDATE effects SET state = 'reversed', reversed_at = ? WHERE id = ?", (at, effect["id"]))
    give_back(connection, carrier, effect)
