"""Which deposit does a reversal take back? Pure; what could be several agents' money goes to a person."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from app.bank.keys import compatible, same_reference, text_key

LOOKS_BACK = timedelta(days=90)
IN_WORDS_WITHIN = timedelta(days=7)  # a payment of ours to the same shop may say "iade" too
TELLING = 8  # characters: shorter ones stand in many texts


@dataclass(frozen=True, slots=True, kw_only=True)
class Reversed:
    """
    :ivar marked: the bank says that it is a reversal; else only its text does
    :ivar references: keys of every reference it carries; :ivar text: a key
    """

    day: date
    marked: bool
    references: frozenset[str]
    sender_iban: str
    text: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Candidate:
    """
    A deposit of the same account, amount and currency that still stands.

    :ivar owner: whose money it is now: an agent, ``suspense`` …
    """

    reference: str
    booking: int
    day: date
    references: frozenset[str]
    sender_iban: str
    text: str
    owner: str


def original_of(reversed: Reversed, candidates: Sequence[Candidate]) -> Candidate | None:
    """
    By the bank's reference, else by text and sender, by text, by sender, at last by its amount alone, when all of that
    amount is one owner's. Among twins of one owner it takes back the latest: they are all the same. One that is only
    called a return in words must name its original.
    """
    signs, within = (SIGNS, LOOKS_BACK) if reversed.marked else (SIGNS_IN_WORDS, IN_WORDS_WITHIN)
    for holds in signs:
        fitting = [
            candidate for candidate in candidates if reversed.day - within <= candidate.day <= reversed.day and holds(reversed, candidate)
        ]
        if fitting:
            latest = max(fitting, key=lambda candidate: (candidate.day, candidate.booking))
            return latest if len({candidate.owner for candidate in fitting}) == 1 else None
    return None


def names_it(reversed: Reversed, candidate: Candidate) -> bool:
    """Its references name the original's, or its text does."""
    return any(
        any(same_reference(one, other) for one in reversed.references) or (len(other) >= TELLING and text_key(other) in reversed.text)
        for other in candidate.references
    )


def same_text(reversed: Reversed, candidate: Candidate) -> bool:
    """``İADE`` and the original's own text, as some banks write it."""
    one, other = reversed.text, candidate.text
    return bool(one) and (one == other or (min(len(one), len(other)) >= TELLING and compatible(one, other)))


def repeats_its_text(reversed: Reversed, candidate: Candidate) -> bool:
    return len(candidate.text) >= TELLING and candidate.text in reversed.text


def same_sender(reversed: Reversed, candidate: Candidate) -> bool:
    return bool(candidate.sender_iban) and candidate.sender_iban == reversed.sender_iban


def same_amount(_reversed: Reversed, _candidate: Candidate) -> bool:
    """All candidates have it."""
    return True


Sign = Callable[[Reversed, Candidate], bool]
SIGNS: tuple[Sign, ...] = (
    names_it,
    lambda reversed, candidate: same_text(reversed, candidate) and same_sender(reversed, candidate),
    same_text,
    same_sender,
    same_amount,
)
SIGNS_IN_WORDS: tuple[Sign, ...] = (names_it, repeats_its_text)
