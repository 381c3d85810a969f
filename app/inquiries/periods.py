"""Which month is meant: pure. Numbers with a year of four digits, or the month's name in one of our languages beside such a year."""

import re
from functools import cache

from babel import Locale

from app.text import search_key

LANGUAGES = ("tr", "en", "az", "hu", "es", "eu")
YEAR = r"(20[0-9]{2})"
MONTH = r"(0?[1-9]|1[0-2])"
ALONE_BEFORE = r"(?<![0-9])(?<![0-9][-./])(?<![0-9][-./] )"  # 22.05.2025 is a day somebody mentions, not a month
ALONE_AFTER = r"(?![0-9])(?![-./] ?[0-9]{1,2}(?![0-9]))"
NUMERIC = (
    re.compile(rf"{ALONE_BEFORE}(?P<year>20[0-9]{{2}}) ?[-./] ?(?P<month>0?[1-9]|1[0-2]){ALONE_AFTER}"),
    re.compile(rf"{ALONE_BEFORE}(?P<month>0?[1-9]|1[0-2]) ?[-./] ?(?P<year>20[0-9]{{2}}){ALONE_AFTER}"),
)
WORD = re.compile(r"[a-z]+|[0-9]+")
# Between a month and its year: "mayo de 2025", "2025-ci ilin may ayı", "2025eko maiatza", "May and June 2025".
BETWEEN = frozenset((
    "de", "del", "of", "ci", "cu", "il", "ilin", "ilinin", "ili", "yil", "yili", "yilinin", "eko", "ko", "evi", "ev", "a", "az", "and",
    "ve", "y", "e", "es", "eta", "ayi", "ay", "havi", "month", "year", "urteko", "urte",
))  # fmt: skip
FARTHEST = 4  # words
CASES = frozenset((  # of a name too short to be recognised by its beginning: "may" is no "maybe"
    "i", "in", "inin", "da", "dan", "de", "den", "a", "e", "ta", "te", "tan", "ten", "daki", "deki", "ki", "dir", "ayi", "ayin", "ko", "an",
    "en", "ra", "re", "ban", "ben", "ig",
))  # fmt: skip
LONGEST_CASE = 6


def find_periods(text: str) -> list[str]:
    """Each month once, as ``2025-05``, in the order of the text. A year of two digits is not guessed."""
    folded = search_key(text)
    found = {match.start(): f"{match['year']}-{int(match['month']):02d}" for shape in NUMERIC for match in shape.finditer(folded)}
    return list(dict.fromkeys([period for _, period in sorted((found | named_periods(folded)).items())]))


def without_periods(text: str) -> str:
    """The text with its numeric periods taken out, so that their digits join no number."""
    for shape in NUMERIC:
        text = shape.sub(" | ", text)
    return text


def named_periods(folded: str) -> dict[int, str]:
    words = list(WORD.finditer(folded))
    found = {}
    for place, word in enumerate(words):
        if month := month_of(word[0]):
            year = year_beside(words, place, step=1) or year_beside(words, place, step=-1)
            if year:
                found[word.start()] = f"{year}-{month:02d}"
    return found


def year_beside(words: "list[re.Match[str]]", place: int, *, step: int) -> str | None:
    for distance in range(1, FARTHEST + 1):
        at = place + step * distance
        if not 0 <= at < len(words):
            return None
        word = words[at][0]
        if re.fullmatch(YEAR, word):
            return word
        if word not in BETWEEN and not month_of(word):
            return None
    return None


def month_of(word: str) -> int | None:
    """A month's name, or short form, with or without a case ending."""
    if len(word) < 3 or word.isdigit():
        return None
    names = month_names()
    if word in names:
        return names[word]
    for length in range(min(len(word) - 1, 12), 2, -1):
        stem, ending = word[:length], word[length:]
        if stem in full_names() and (ending in CASES or (length > 3 and len(ending) <= LONGEST_CASE)):
            return names[stem]
    return None


@cache
def full_names() -> frozenset[str]:
    return frozenset(name for language in LANGUAGES for name in wide_names(language))


@cache
def month_names() -> dict[str, int]:
    """Folded; a name that means two months in two languages means none."""
    names: dict[str, set[int]] = {}
    for language in LANGUAGES:
        for name, month in {**short_names(language), **wide_names(language)}.items():
            names.setdefault(name, set()).add(month)
    return {name: months.pop() for name, months in names.items() if len(months) == 1}


def wide_names(language: str) -> dict[str, int]:
    names = {search_key(str(name)): number for number, name in Locale.parse(language).months["format"]["wide"].items()}
    if language == "eu":  # the article: maiatza, maiatzaren, maiatzeko
        names |= {name.removesuffix("a"): number for name, number in names.items()}
    return names


def short_names(language: str) -> dict[str, int]:
    names = Locale.parse(language).months["format"]["abbreviated"].items()
    short = {search_key(str(name)).rstrip("."): number for number, name in names}
    return {name: number for name, number in short.items() if len(name) >= 3}
