"""Some banks mark what they take back only in words, on a plain debit line."""

import re

from app.text import search_key

# Turkish, Azerbaijani, Spanish, Hungarian and the banks' own English
WORDS = re.compile(r"\b(iade|iptal|geri odeme|qaytar\w*|devolucion|retrocesion|visszautal\w*|sztorno|storno|reversal|returned?)\b")


LONGEST_WORD = 20


def begins_returned(text: str) -> bool:
    """``İADE 7777/…``: the bank's own word stands first; further behind it may be the customer's."""
    return WORDS.match(search_key(text[:LONGEST_WORD])) is not None


def looks_returned(text: str) -> bool:
    return WORDS.search(search_key(text)) is not None
