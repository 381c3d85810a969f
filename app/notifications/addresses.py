"""Mail addresses: read strictly, shown masked to whoever did not write them."""

import re

LONGEST = 254  # RFC 5321

# What a person types at the counter: no quotes, comments, lists, line breaks, or letters that not every mail server takes.
_WORD = r"[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+"
_LABEL = r"[A-Za-z0-9](?:[A-Za-z0-9-]{0,61}[A-Za-z0-9])?"
_ENDING = r"[A-Za-z](?:[A-Za-z0-9-]{0,61}[A-Za-z0-9])"
_ADDRESS = re.compile(rf"(?=.{{1,64}}@){_WORD}(?:\.{_WORD})*@(?:{_LABEL}\.)+{_ENDING}")


def read_mail_address(text: str) -> str | None:
    """One plain address, its domain in small letters; ``None`` when it is not exactly that."""
    text = text.strip(" \t")
    if len(text) > LONGEST or not _ADDRESS.fullmatch(text):
        return None
    name, _, domain = text.rpartition("@")
    return f"{name}@{domain.lower()}"


def mailbox_of(address: str) -> str:
    """Where it arrives, for counting: ``Ayse+anything@example.com`` and ``ayse@example.com`` are one person's."""
    name, _, domain = address.lower().rpartition("@")
    return f"{name.partition('+')[0] or name}@{domain}"


def masked(address: str) -> str:
    """``a***@e***.com``: enough to recognise the own one."""
    name, _, domain = address.rpartition("@")
    host, _, ending = domain.rpartition(".")
    return f"{name[:1]}***@{host[:1]}***.{ending}" if address else ""
