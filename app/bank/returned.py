"""Some banks mark what they take back only in words, on a plain debit line; our own returns carry the deposit's number."""

import re

from app.text import search_key

# Turkish, Azerbaijani, Spanish, Hungarian and the banks' own English
WORDS = re.compile(r"\b(iade|iptal|geri odeme|qaytar\w*|devolucion|retrocesion|visszautal\w*|sztorno|storno|reversal|returned?)\b")

OUR_NUMBER = re.compile(r"(?<![0-9A-Z])([AD])([0-9]{6})[- ]?([0-9A-Z]{12})(?![0-9A-Z])")  # some banks drop the dash


LONGEST_WORD = 20


def begins_returned(text: str) -> bool:
    """``İADE 7777/…``: the bank's own word stands first; further behind it may be the customer's."""
    return WORDS.match(search_key(text[:LONGEST_WORD])) is not None


def looks_returned(text: str) -> bool:
    return WORDS.search(search_key(text)) is not None


def deposits_named_in(*texts: str) -> list[str]:
    """``D251122-7K3M9QXA2B4C`` as banks give it back."""
    return named_in("D", *texts)


def payouts_named_in(*texts: str) -> list[str]:
    """``A251122-7K3M9QXA2B4C``, which is money of ours to a shop."""
    return named_in("A", *texts)


def named_in(letter: str, *texts: str) -> list[str]:
    found = (f"{letter}{match[2]}-{match[3]}" for text in texts for match in OUR_NUMBER.finditer(text.upper()) if match[1] == letter)
    return list(dict.fromkeys(found))


def names_ours(*texts: str) -> bool:
    """A transfer of ours, back to a sender or to a shop."""
    return any(OUR_NUMBER.search(text.upper()) for text in texts)
