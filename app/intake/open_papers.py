"""Attachments made anew: each becomes a scan that says what it may be used for, or a sentence why it cannot be one (C-08, C11)."""

import time
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from app import languages
from app.changes import papers as change_papers
from app.documents.clean_scan import CleanScan, UnsuitableScan, clean_scan
from app.documents.paper_code import references_in
from app.errors import N_
from app.intake.find_request import Request
from app.languages import say
from app.markets import INSTITUTION

MOST_PAPERS, LONGEST_SECONDS = 10, 15  # of opening a mail's papers: the next mail waits behind it
TOO_MANY_PAPERS = N_("Only the first ten attachments of a mail are taken. Send the rest in another mail.")
TOO_SLOW = N_("The papers before it took too long to open. Send this one in another mail.")
PURPOSE = N_("Only for the request it came for")
TO_CANCEL = N_("Only to cancel payment {payment}")


@dataclass(frozen=True, repr=False)
class Opened:
    """:ivar scan: ``None`` when ``problem`` says why, marked with ``N_``"""

    scan: CleanScan | None
    problem: str = ""

    @property
    def codes(self) -> list[str]:
        return references_in(self.scan.codes) if self.scan else []


def open_papers(contents: Sequence[bytes], request: Request | None, *, now: datetime) -> list[Opened]:
    """
    No transaction may be open meanwhile.

    :param request: what they are for, if that is known; it is drawn into them
    :raises app.errors.TryAgain: if too many others are uploading
    """
    words, until = watermark(request, now=now), time.monotonic() + LONGEST_SECONDS
    opened = [open_paper(content, words, until=until) for content in contents[:MOST_PAPERS]]
    return opened + [Opened(None, TOO_MANY_PAPERS)] * (len(contents) > MOST_PAPERS)


def open_paper(content: bytes, words: str, *, until: float) -> Opened:
    if time.monotonic() > until:
        return Opened(None, TOO_SLOW)
    try:
        return Opened(clean_scan(content, field="paper", watermark=words))
    except UnsuitableScan as unsuitable:
        return Opened(None, unsuitable.say)


def watermark(request: Request | None, *, now: datetime) -> str:
    if request and not request.is_payment:
        return change_papers.watermark(request.reference, request.market, now=now)
    market = request.market if request else INSTITUTION
    language = languages.supported(market.languages[0])
    purpose = say(TO_CANCEL, language, payment=request.reference) if request else say(PURPOSE, language)
    return f"{purpose} · {languages.day(now.astimezone(market.zone).date(), language)} · Gişe"
