"""The columns of a bank's export, found by the words above them."""

import re
from collections.abc import Iterator
from enum import StrEnum, auto
from functools import lru_cache

from app.bank.statement.sheet import Cell, Row, shown
from app.text import search_key

FIRST_ROWS = 30


class Role(StrEnum):
    DATE = auto()
    TIME = auto()
    VALUE = auto()
    AMOUNT = auto()
    WENT_OUT = auto()
    CAME_IN = auto()
    SIDE = auto()
    BALANCE = auto()
    CURRENCY = auto()
    TEXT = auto()
    KIND = auto()
    REFERENCE = auto()
    STATUS = auto()
    PARTY_NAME = auto()
    PARTY_IBAN = auto()
    ACCOUNT = auto()


# Folded: no case, no accents, one i; only letters and digits. The first of a line that a file has is the one that counts.
WORDS = {
    Role.DATE: (
        "islem tarihi", "islem tarihi saati", "islem tarihi saat", "islem tarih saat", "islem zamani", "tarih saat", "tarih",
        "hareket tarihi", "muhasebe tarihi", "kayit tarihi", "booking date", "transaction date", "posting date", "entry date",
        "date time", "date",
    ),
    Role.TIME: ("islem saati", "saat", "transaction time", "time"),
    Role.VALUE: ("valor", "valor tarihi", "value date", "valuta"),
    Role.AMOUNT: ("islem tutari", "islem tutar", "tutar", "hareket tutari", "miktar", "transaction amount", "amount"),
    Role.WENT_OUT: (
        "borc", "borc tutari", "borc tutar", "cikan", "cikan tutar", "giden", "debit", "debit amount", "withdrawal", "withdrawals",
    ),
    Role.CAME_IN: (
        "alacak", "alacak tutari", "alacak tutar", "giren", "giren tutar", "gelen", "credit", "credit amount", "deposit", "deposits",
    ),
    Role.SIDE: ("b a", "a b", "ba", "borc alacak", "alacak borc", "d c", "c d", "dc", "debit credit", "credit debit", "yon"),
    Role.BALANCE: (
        "islem sonrasi bakiye", "bakiye", "son bakiye", "kalan bakiye", "kalan", "running balance", "balance", "balance after",
    ),
    Role.CURRENCY: ("doviz cinsi", "doviz kodu", "doviz", "doviz turu", "para birimi", "para cinsi", "currency"),
    Role.TEXT: ("aciklama", "aciklamalar", "islem aciklamasi", "islem aciklama", "description", "explanation", "details", "narrative"),
    Role.KIND: ("islem", "islem adi", "islem tipi", "islem turu", "transaction", "transaction type", "type"),
    Role.REFERENCE: (
        "referans", "referans no", "referans numarasi", "islem referansi", "dekont no", "dekont numarasi", "dekont", "fis no",
        "fis numarasi", "fis dekont no", "islem no", "islem numarasi", "sorgu no", "reference", "reference no", "receipt no",
        "transaction id", "transaction no",
    ),
    Role.STATUS: ("durum", "durumu", "islem durumu", "status"),
    Role.PARTY_NAME: (
        "gonderen", "gonderen adi", "gonderen ad soyad", "gonderen adi soyadi", "gonderen unvan", "gonderen alici", "karsi taraf",
        "karsi ad", "karsi unvan", "karsi hesap adi", "karsi hesap unvani", "sender", "sender name", "counterparty",
    ),
    Role.PARTY_IBAN: (
        "gonderen iban", "karsi iban", "karsi taraf iban", "karsi hesap iban", "karsi hesap", "karsi hesap no", "gonderen hesap",
        "gonderen hesap no", "sender iban", "sender account", "counterparty iban", "counterparty account",
    ),
    Role.ACCOUNT: ("hesap iban", "iban", "iban no", "hesap no", "hesap numarasi", "hesap", "account", "account no", "account number"),
}  # fmt: skip
CURRENCIES = re.compile(r"\b(?:tl|try|usd|eur|gbp|azn)\b")

Columns = dict[Role, tuple[int, ...]]


@lru_cache(4096)
def folded(text: str) -> str:
    """``İşlem Tutarı* (TL)`` is ``islem tutari``."""
    return " ".join(CURRENCIES.sub(" ", re.sub(r"[^0-9a-z]+", " ", search_key(text))).split())


ROLES = {word: role for role, words in WORDS.items() for word in words}


def columns_of(row: Row) -> Columns | None:
    """
    ``None`` unless it names at least the columns for a day, and for an amount or for both sides.

    A column that is named twice has both places.
    """
    found: dict[str, list[int]] = {}
    for column, cell in enumerate(row.cells):
        if isinstance(cell, str) and (word := folded(cell)) in ROLES:
            found.setdefault(word, []).append(column)
    columns: Columns = {}
    for role, words in WORDS.items():
        places = [found[word] for word in words if word in found]
        if places:
            columns[role] = tuple(column for each in places for column in each) if role in SEVERAL else tuple(places[0])
    if not columns.keys() & {Role.DATE, Role.VALUE} or not (Role.AMOUNT in columns or {Role.WENT_OUT, Role.CAME_IN} <= columns.keys()):
        return None
    return columns


SEVERAL = {Role.TEXT, Role.REFERENCE}
MONEY = (Role.AMOUNT, Role.WENT_OUT, Role.CAME_IN, Role.BALANCE)


def named_twice(columns: Columns) -> Role | None:
    """Nobody guesses which of two equal columns is meant."""
    return next((role for role, places in columns.items() if len(places) > 1 and role not in SEVERAL), None)


def labelled(row: Row) -> Iterator[tuple[str, Cell]]:
    """``Hesap No: 123`` in one cell, or label and value in neighbouring cells; the label is folded."""
    for place, cell in enumerate(row.cells):
        if not isinstance(cell, str):
            continue
        label, mark, value = cell.partition(":")
        if mark and value.strip():
            yield folded(label), value.strip()
        elif behind := [other for other in row.cells[place + 1 :] if shown(other)]:
            yield folded(cell), behind[0]
