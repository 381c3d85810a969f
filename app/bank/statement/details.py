"""Who sent it and what they wrote, out of MT940's free text: banks put it there in four ways."""

import re
from dataclasses import dataclass
from functools import lru_cache

FULL_LINE = 60  # SWIFT lines have 65 places; one that is much shorter ends where the bank meant it to end
FULL_PIECE = 27  # of the German structure
IBAN = re.compile(r"[A-Z]{2}[0-9]{2}[A-Z0-9]{10,30}")

CODED = re.compile(r"(?:[0-9]{3})?(?P<mark>[?>~^])(?=[0-9]{2})")
SEPA_TEXT = re.compile(r"SVWZ\+(?P<text>.*?)(?=(?:EREF|KREF|MREF|CRED|DEBT|ABWA|ABWE)\+|$)", re.DOTALL)
TEXT_PIECES, NAME_PIECES = (*range(20, 30), *range(60, 64)), (32, 33)

SLASHED = {
    "TRTP", "TYPE", "EREF", "PREF", "MARF", "CSID", "CNTP", "ORDP", "BENM", "NAME", "IBAN", "ACCT", "BIC", "ADDR", "ID", "REMI", "ISDT",
    "PURP", "RTRN", "OCMT", "CHGS", "EXCH", "SVCL", "ULTC", "ULTD",
}  # fmt: skip
REMITTANCE = re.compile(r"^(USTD//|STRD/[A-Z]*/)")
NAMED_TEXT, NAMED_NAME = range(1, 15), (15, 16)


@dataclass(slots=True)
class Details:
    text: str
    name: str = ""
    iban: str = ""


def read_details(lines: list[str]) -> Details:
    """Of field 86."""
    text = joined(lines, full=FULL_LINE)
    if text[:1] == "/" and text[1 : text.find("/", 1)] in SLASHED:
        return slashed(text)
    if match := CODED.match(text):
        return coded(text, match["mark"])
    return Details(text)


def joined(parts: list[str], *, full: int) -> str:
    """A full part goes on in the next one, in the middle of a word or a number; a shorter one ends there."""
    text, goes_on = "", True
    for part in parts:
        text += part if goes_on or part[:1] == " " else " " + part
        goes_on = len(part) >= full or part[-1:] == " "
    return text.strip()


def coded(text: str, mark: str) -> Details:
    """``166?00GUTSCHRIFT?20SVWZ+…?31DE89…?32NAME``: pieces with two-digit numbers."""
    parts = re.split(re.escape(mark) + r"\s?([0-9]{2})", text)
    pieces: dict[int, str] = {}
    for number, piece in zip(parts[1::2], parts[2::2], strict=True):
        pieces[int(number)] = pieces.get(int(number), "") + piece
    written = joined([pieces[number] for number in TEXT_PIECES if number in pieces], full=FULL_PIECE)
    purpose = SEPA_TEXT.search(written)
    accounts = [without_spaces(pieces.get(number, "")) for number in (31, 38)]
    return Details(
        text=(purpose["text"] if purpose else written).strip(),
        name=joined([pieces[number] for number in NAME_PIECES if number in pieces], full=FULL_PIECE),
        iban=next((account for account in accounts if IBAN.fullmatch(account)), accounts[0]),
    )


def slashed(text: str) -> Details:
    """``/ORDP//NAME/A. YILMAZ/ACCT/TR33…/REMI/what they wrote``: the text stands last, since it may hold slashes itself."""
    values: dict[str, str] = {}
    pieces = text.split("/")
    tag, begun, last = "", 0, len(pieces) - 1
    for place, piece in enumerate(pieces):
        if piece in SLASHED and begun < place < last:  # a slash belongs to one tag alone
            if tag not in values:
                values[tag] = (pieces[begun] if place == begun + 1 else "/".join(pieces[begun:place])).strip(" /")
            tag, begun = piece, place + 1
    if tag not in values:
        values[tag] = "/".join(pieces[begun:]).strip(" /")
    written = values.get("REMI", text)
    if written.startswith(("USTD//", "STRD/")):
        written = REMITTANCE.sub("", written)
    party_iban = party = ""
    if "CNTP" in values:
        party_iban, _, party = values["CNTP"].partition("/")
    name = values.get("NAME") or party.partition("/")[2].partition("/")[0]
    return Details(written, name, without_spaces(values.get("IBAN") or values.get("ACCT") or party_iban))


@lru_cache(4096)
def without_spaces(account: str) -> str:
    return "".join(account.split()).upper()


def read_named_lines(lines: list[str]) -> Details:
    """Of field NS: each line has a two-digit number, 01 to 14 are the text, 15 and 16 the name."""
    numbered = [(int(line[:2]), line[2:].strip()) for line in lines if line[:2].isascii() and line[:2].isdigit()]
    return Details(
        text=" ".join(text for number, text in numbered if number in NAMED_TEXT),
        name=" ".join(text for number, text in numbered if number in NAMED_NAME),
    )
