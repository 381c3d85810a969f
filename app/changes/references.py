"""A change's own name, for papers, mails and the telephone: ``C-7K3M-9Q2X-H``, its last letter a check."""

import re
import secrets

from stdnum import luhn

from app.references import LETTERS, base32

SHAPE = f"C(-[{LETTERS}]{{4}}){{2}}-[{LETTERS}]"
READ_AS = str.maketrans({"O": "0", "I": "1", "L": "1"})  # Crockford: nobody has to tell them apart


def new_reference() -> str:
    """Forty random bits: not to be guessed."""
    return spelled(base32(secrets.randbits(40), 8))


def read_reference(text: str) -> str | None:
    """As somebody typed it, or a machine read it from a paper; ``None`` if a letter is wrong."""
    if len(text) > 40:
        return None
    letters = re.sub(r"[\s–—-]", "", text).upper().removeprefix("C").translate(READ_AS)
    if len(letters) != 9 or not set(letters) <= set(LETTERS) or spelled(letters[:8])[-1] != letters[8]:
        return None
    return spelled(letters[:8])


def spelled(letters: str) -> str:
    return f"C-{letters[:4]}-{letters[4:]}-{luhn.calc_check_digit(letters, LETTERS)}"
