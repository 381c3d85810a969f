"""Some banks mark what they take back only in words, on a plain debit line; our own returns carry the deposit's number."""

import re

from app.text import search_key

# Turkish, Azerbaijani, Spanish, Hungarian and the banks' own English
WORDS = re.compile(r"\b(iade|iptal|geri odeme|qaytar\w*|devolucion|retrocesion|visszautal\w*|sztorno|storno|reversal|returned?)\b")

OUR_NUMBER = re.compile(r"(?<![0-9A-Z])D([0-9]{6})[- ]?([0-9A-Z]{12})(?![0-9A-Z])")  # some banks drop the dash


LONGEST_WORD = 20


def begins_returned(text: str) -> bool:
    """``İADE 7777/…``: the bank's own word stands first; further behind it may be the customer's."""
    return WORDS.match(search_key(text[:LONGEST_WORD])) is not None


def looks_returned(text: str) -> bool:
    return WORDS.search(search_key(text)) is not None


def deposits_named_in(*texts: str) -> list[str]:
    """``D251122-7K3M9QXA2B4C`` as banks give it back."""
    found = (f"D{match[1]}-{match[2]}" for text in texts for match in OUR_NUMBER.finditer(text.upper()))
    return list(dict.fromkeys(found))
