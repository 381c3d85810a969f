"""Who sent it and what they wrote, out of MT940's free text: banks put it there in four ways."""

import re
from dataclasses import dataclass

FULL_LINE = 60  # SWIFT lines have 65 places; one that is much shorter ends where the bank meant it to end
FULL_PIECE = 27  # of the German structure
IBAN = re.compile(r"[A-Z]{2}[0-9]{2}[A-Z0-9]{10,30}")

CODED = re.compile(r"(?:[0-9]{3})?(?P<mark>[?>~^])(?=[0-9]{2})")
SEPA_TEXT = re.compile(r"SVWZ\+(?P<text>.*?)(?=(?:EREF|KREF|MREF|CRED|DEBT|ABWA|ABWE)\+|$)", re.DOTALL)
TEXT_PIECES, NAME_PIECES = (*range(20, 30), *range(60, 64)), (32, 33)

SLASHED = re.compile(
    r"/(TRTP|TYPE|EREF|PREF|MARF|CSID|CNTP|ORDP|BENM|NAME|IBAN|ACCT|BIC|ADDR|ID|REMI|ISDT|PURP|RTRN|OCMT|CHGS|EXCH|SVCL|ULTC|ULTD)/"
)
NAMED_TEXT, NAMED_NAME = range(1, 15), (15, 16)


@dataclass(frozen=True, slots=True)
class Details:
    text: str
    name: str = ""
    iban: str = ""


def read_details(lines: list[str]) -> Details:
    """Of field 86."""
    text = joined(lines, full=FULL_LINE)
    if match := CODED.match(text):
        return coded(text, match["mark"])
    if SLASHED.match(text):
        return slashed(text)
    return Details(text)


def joined(parts: list[str], *, full: int) -> str:
    """A full part goes on in the next one, in the middle of a word or a number; a shorter one ends there."""
    text, goes_on = "", True
    for part in parts:
        text += ("" if goes_on or part.startswith(" ") else " ") + part
        goes_on = len(part) >= full or part.endswith(" ")
    return text.strip()


def coded(text: str, mark: str) -> Details:
    """``166?00GUTSCHRIFT?20SVWZ+…?31DE89…?32NAME``: pieces with two-digit numbers."""
    parts = re.split(re.escape(mark) + r"\s?([0-9]{2})", text)
    pieces: dict[int, str] = {}
    for number, piece in zip(parts[1::2], parts[2::2], strict=True):
        pieces[int(number)] = pieces.get(int(number), "") + piece
    written = joined([pieces[number] for number in TEXT_PIECES if number in pieces], full=FULL_PIECE)
    purpose = SEPA_TEXT.search(written)
    accounts = [re.sub(r"\s", "", pieces.get(number, "")).upper() for number in (31, 38)]
    return Details(
        text=(purpose["text"] if purpose else written).strip(),
        name=joined([pieces[number] for number in NAME_PIECES if number in pieces], full=FULL_PIECE),
        iban=next((account for account in accounts if IBAN.fullmatch(account)), accounts[0]),
    )


def slashed(text: str) -> Details:
    """``/ORDP//NAME/A. YILMAZ/ACCT/TR33…/REMI/what they wrote``: the text stands last, since it may hold slashes itself."""
    parts = SLASHED.split(text)
    values: dict[str, str] = {}
    for tag, value in zip(parts[1::2], parts[2::2], strict=True):
        values.setdefault(tag, value.strip(" /"))
    party_iban, _, party = values.get("CNTP", "").partition("/")
    return Details(
        text=re.sub(r"^(USTD//|STRD/[A-Z]*/)", "", values["REMI"]) if "REMI" in values else text,
        name=values.get("NAME") or party.partition("/")[2].partition("/")[0],
        iban=re.sub(r"\s", "", values.get("IBAN") or values.get("ACCT") or party_iban).upper(),
    )


def read_named_lines(lines: list[str]) -> Details:
    """Of field NS: each line has a two-digit number, 01 to 14 are the text, 15 and 16 the name."""
    numbered = [(int(line[:2]), line[2:].strip()) for line in lines if line[:2].isascii() and line[:2].isdigit()]
    return Details(
        text=" ".join(text for number, text in numbered if number in NAMED_TEXT),
        name=" ".join(text for number, text in numbered if number in NAMED_NAME),
    )
