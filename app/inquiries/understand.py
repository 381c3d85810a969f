"""What somebody who writes to us wants: pure. Nothing is guessed; what is missing or double is named, and the writer is asked."""

import re
from collections.abc import Sequence
from dataclasses import dataclass

from app.billers.model import Biller
from app.inquiries.numbers import Candidate, find_subscribers
from app.inquiries.periods import find_periods, without_periods
from app.inquiries.tongue import guess_language
from app.markets import INSTITUTION, MARKETS
from app.text import search_key

LONGEST_READ = 20_000  # characters
NO_SUBSCRIBER, SUBSCRIBERS, NO_PERIOD, PERIODS = "no-subscriber", "subscribers", "no-period", "periods"

# Delivery on paper, folded. Mail by computer is called "e-posta", "elektron poçt", "correo electrónico": those ask for nothing special.
PAPER_WORDS = (
    "posta (?:ile|yoluyla|yolu ile|adresime|adresimize)", "postayla", r"postalay\w*", "postaya", "postan", "postai uton", "postaz",
    "(?:by|via|per|through the) post", "postal mail", "correo postal", "por carta", "carta postal", "poct (?:ile|vasitesi ile)", "poctla",
    "levelben", r"papir\w* alapon", "gutunez",
)  # fmt: skip
PAPER = re.compile(rf"(?<!e-)(?<!e )(?<!elektron )(?<!elektronik )\b(?:{'|'.join(PAPER_WORDS)})\b")
# "Fax: +90 312 …" stands under many mails and wishes for nothing.
FAX = re.compile(
    r"\b(?:tele)?(?:fax|faks)(?!\w*\s*(?:no\b|num|nr|:|\.|\+|\(|[0-9]))"
    r"(?:la|lan|layin|layabilir|ile|ima|imiza|on|ot|ez|a|tan|inizla)?\b"
)


@dataclass(frozen=True)
class Wish:
    """
    :ivar missing: what keeps us from answering, of :data:`NO_SUBSCRIBER`, …; empty when it is whole
    :ivar by_paper: post or fax is wished for
    """

    language: str
    biller: Biller | None
    subscriber: str | None
    period: str | None
    missing: tuple[str, ...]
    by_paper: bool


def understand(subject: str, body: str, billers: Sequence[Biller]) -> Wish:
    """Number and month in any order and any of our languages, in the subject or the body; quoted lines do not count."""
    text = f"{subject}\n{own_words(body)}"[:LONGEST_READ]
    periods = find_periods(text)
    candidates = find_subscribers(without_periods(text), billers)
    one = candidates[0] if len(candidates) == 1 else None
    missing = (
        *((NO_SUBSCRIBER,) if not candidates else (SUBSCRIBERS,) if not one else ()),
        *((NO_PERIOD,) if not periods else (PERIODS,) if len(periods) > 1 else ()),
    )
    folded = search_key(text)
    return Wish(
        language=guess_language(text) or language_of(one or (candidates[0] if candidates else None)),
        biller=one.biller if one else None,
        subscriber=one.subscriber if one else None,
        period=periods[0] if len(periods) == 1 else None,
        missing=missing,
        by_paper=bool(PAPER.search(folded) or FAX.search(folded)),
    )


def language_of(candidate: Candidate | None) -> str:
    return (MARKETS[candidate.biller.market] if candidate else INSTITUTION).languages[0]


# Where an answer begins to repeat what it answers.
REPEATED = re.compile(
    r"^(?:-{2,} ?(?:original message|orijinal ileti|ozgun ileti|mensaje original|eredeti uzenet|orijinal mesaj|jatorrizko mezua)|_{10,}$"
    r"|(?:from|kimden|gonderen|de|felado|nork) ?: ?\S)"
)


def own_words(body: str) -> str:
    """Without quoted lines, and without everything under the head of a repeated mail."""
    kept = []
    for line in body.splitlines():
        if REPEATED.match(search_key(line)):
            break
        if not line.lstrip().startswith(">"):
            kept.append(line)
    return "\n".join(kept)
