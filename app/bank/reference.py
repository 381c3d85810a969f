"""
Whose phone is in a transfer's text (product.md §5)? Pure: who owns which phone is told.

About one in ten ten-digit tax numbers that start with 5 is well-formed as a phone: only a registered phone
matches, and every doubt goes to a person.
"""

import re
import unicodedata
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from functools import cache

from app.errors import N_
from app.markets import MARKETS, Market
from app.remarks import Remark

# Between two groups of digits: one separator; a bracket may stand with a space or a dash.
_DASH = "\\-\u2010\u2011\u2012\u2013\u2014\u2015\u2212"
_SEPARATOR = re.compile(rf"[ ./{_DASH}]|[()\[\]]|[ {_DASH}][()\[\]]|[()\[\]][ {_DASH}]")
LONGEST_SEPARATOR = 2
_DIGITS = re.compile(r"\d+")
# The frame of an instant transfer ends with the bank's own query number: NAME*0062*what they wrote*1234567890*FAST
_QUERY_NUMBER = re.compile(r"(?<=[*.])[0-9]{4}[*.].*?(?P<number>[*.][0-9]{6,}[*.]FAST\s*)$", re.DOTALL)
SHORTEST_CUT_PHONE = 7  # digits of a national number that say enough to suggest somebody (E24)


class Standing(StrEnum):
    """Of a person towards a phone."""

    CURRENT = "current"
    CHANGED = "changed"  # had it until a few days ago (E23)
    FORMER = "former"  # was removed, or changed it long ago (E9)


@dataclass(frozen=True, slots=True)
class Owner:
    """
    :ivar phone: E.164
    :ivar active: the agent is neither suspended nor closing
    """

    phone: str
    person: int
    agent: str
    market: str
    active: bool
    standing: Standing


@dataclass(frozen=True, slots=True)
class Finding:
    """
    :ivar owner: whom the text names without doubt, else ``None``
    :ivar trace: in words, why
    """

    owner: Owner | None
    trace: tuple[Remark, ...]


def whose(phones: Sequence[str], market: Market, owners: Mapping[str, Sequence[Owner]]) -> Finding:
    """
    :param phones: every candidate of the text
    :param market: of the account that the money came to
    :param owners: of each phone that has any, usually one
    """
    if not phones:
        return Finding(None, (Remark.of(N_("There is no phone number in the text.")),))
    trace = [remark_on(phone, owners.get(phone, ())) for phone in phones]
    named = [owner for phone in phones for owner in owners.get(phone, ())]
    verdict = doubt_about(named, market)
    return Finding(None if verdict or not named else best(named), (*trace, *([verdict] if verdict else [])))


def phones_in(text: str, market: Market) -> list[str]:
    """
    Every candidate in E.164, in the order of the text, each once (E3). Numbers without a country code are the market's own.
    """
    spaced, (beginning, forms) = grouped(text), forms_of(market.code)
    found = [
        f"+{form.code}{national}"
        for start in beginning.finditer(spaced)
        for form in forms
        if (match := form.pattern.match(spaced, start.start())) and form.mobile.fullmatch(national := match["national"].replace(" ", ""))
    ]
    return list(dict.fromkeys(found))


def cut_phones_in(text: str, market: Market) -> list[str]:
    """Beginnings of phones of this market, in E.164: somebody's text was cut short (E24)."""
    length = sum(map(int, market.groupings[0].split("-")))
    beginnings = []
    for run in re.findall(r"\d[\d ]*", grouped(text)):
        digits = run.replace(" ", "")
        national = re.sub(rf"^(?:00)?{market.calling_code}|^{market.trunk}", "", digits, count=1)
        if SHORTEST_CUT_PHONE <= len(national) < length and re.fullmatch(market.mobile, national.ljust(length, "0")):
            beginnings.append(f"+{market.calling_code}{national}")
    return list(dict.fromkeys(beginnings))


def grouped(text: str) -> str:
    """Only the groups of digits: a space where one separator stood between two of them, a bar where anything else did."""
    folded = text if text.isascii() else unicodedata.normalize("NFKC", text)
    if "FAST" in folded and (frame := _QUERY_NUMBER.search(folded)):
        folded = folded[: frame.start("number")]
    result, end = "", 0
    for match in _DIGITS.finditer(folded):
        start, last = match.span()
        is_one = start - end <= LONGEST_SEPARATOR and _SEPARATOR.fullmatch(folded, end, start)
        result += f" {match[0]}" if is_one else f"|{match[0]}"
        end = last
    return result


@dataclass(frozen=True)
class Form:
    """:ivar pattern: how a phone may stand in the text; :ivar mobile: what its national number must be"""

    code: str
    pattern: re.Pattern[str]
    mobile: re.Pattern[str]


@cache
def forms_of(code: str) -> tuple[re.Pattern[str], tuple[Form, ...]]:
    """Of a market; before them one expression that finds where any of them begins: most texts hold few groups that could."""
    written = [(each, before) for each in MARKETS.values() for before in befores(each, own=each.code == code)]
    beginning = "|".join(f"{before}(?:{shapes(each)})" for each, before in written)
    return re.compile(rf"(?<!\d)(?=(?:{beginning})(?!\d))"), tuple(
        Form(
            code=each.calling_code,
            pattern=re.compile(rf"{before}(?P<national>{shapes(each)})(?!\d)"),
            mobile=re.compile(each.mobile),
        )
        for each, before in written
    )


def befores(market: Market, *, own: bool) -> Iterator[str]:
    """What may stand before a national number, joined or free. Without its country code only the account's own market's."""
    yield rf"(?:00)?{market.calling_code} ?"
    if own:
        yield ""
        if market.trunk:
            yield f"{market.trunk} ?"


def shapes(market: Market) -> str:
    return "|".join(" ".join(f"[0-9]{{{length}}}" for length in grouping.split("-")) for grouping in market.groupings)


def remark_on(phone: str, owners: Sequence[Owner]) -> Remark:
    if not owners:
        return Remark.of(N_("{phone} is nobody's registered phone."), phone=phone)
    agents = ", ".join(dict.fromkeys(owner.agent for owner in owners))
    match owners[0].standing:
        case Standing.CURRENT:
            return Remark.of(N_("{phone} is the phone of a person of agent {agents}."), phone=phone, agents=agents)
        case Standing.CHANGED:
            return Remark.of(N_("{phone} was until lately the phone of a person of agent {agents}."), phone=phone, agents=agents)
        case Standing.FORMER:
            return Remark.of(N_("{phone} was the phone of a former person of agent {agents}."), phone=phone, agents=agents)


def doubt_about(named: Sequence[Owner], market: Market) -> Remark | None:
    """Why a person has to decide, although phones are known."""
    agents = list(dict.fromkeys(owner.agent for owner in named))
    if not agents:
        return None
    if len(agents) > 1:
        return Remark.of(N_("The text names several agents: {agents}."), agents=", ".join(agents))
    owner = best(named)
    if owner.standing is Standing.FORMER:
        return Remark.of(N_("Only a former person of agent {agent} is named."), agent=owner.agent)
    if owner.market != market.code:
        return Remark.of(N_("Agent {agent} belongs to another market than the account."), agent=owner.agent)
    if not owner.active:
        return Remark.of(N_("Agent {agent} is suspended or closing."), agent=owner.agent)
    return None


def best(named: Sequence[Owner]) -> Owner:
    """Of one agent: who has the phone now, before who had it."""
    return min(named, key=lambda owner: list(Standing).index(owner.standing))
