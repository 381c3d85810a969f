"""Text as SWIFT's FIN network carries it: character set x, lines of fixed length."""

import unicodedata

ALLOWED = set("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789/-?:().,'+ ")
# Letters that do not fall apart into a Latin letter and a mark; signs as the European Payments Council replaces them.
REPLACEMENTS = {"ı": "i", "ə": "e", "Ə": "E", "ß": "ss", "æ": "ae", "Æ": "AE", "ø": "o", "Ø": "O", "ł": "l", "Ł": "L", "đ": "d", "Đ": "D"}
REPLACEMENTS |= {"&": "+", "_": "-", "–": "-", "—": "-", "’": "'", "‘": "'", "€": "E", "₺": "TL", "₼": "AZN", "\n": " ", "\r": " "}


def to_swift(text: str) -> str:
    """``Şəhla İşık*05321234567`` becomes ``Sehla Isik.05321234567``: what has no letter of its own becomes a point."""
    return "".join(one(character) for character in unicodedata.normalize("NFC", text))


def one(character: str) -> str:
    if character in ALLOWED:
        return character
    if character in REPLACEMENTS:
        return REPLACEMENTS[character]
    letters = "".join(part for part in unicodedata.normalize("NFKD", character) if part in ALLOWED)
    return letters or ("" if unicodedata.combining(character) else ".")


def wrap(text: str, *, width: int, most: int) -> list[str]:
    """
    At most ``most`` lines; what is left over is cut, as the format demands.

    No line begins with ``:`` or ``-``, which would end the field, and no break stands beside a space: read with or without
    the breaks the text is the same.
    """
    lines: list[str] = []
    rest = text.strip()
    while rest and len(lines) < most:
        end = min(width, len(rest))
        while end < len(rest) and end > 1 and (rest[end] in ":- " or rest[end - 1] == " "):
            end -= 1
        lines.append(rest[:end])
        rest = rest[end:]
    return lines
