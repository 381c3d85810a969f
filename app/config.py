"""What the environment decides (12-factor, prefix ``GISE_``), parsed once at start."""

import base64
import binascii
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime, time
from pathlib import Path
from typing import TypeVar
from urllib.parse import urlsplit

T = TypeVar("T")

SANDBOX = "http://127.0.0.1:8001"
DEVELOPMENT_KEY = base64.b64encode(b"development only, never a secret").decode()

OUR_ADDRESS_IN_THE_DEMO = "gise@gise.example"
# By market; each variable is GISE_CONTACT_ with the market's code.
CONTACTS_OF_THE_DEMO = {
    "TR": "0850 000 00 00; destek@gise.example; 08:00–22:00; 09:00–20:00",
    "AZ": "012 000 00 00; destek.az@gise.example; 09:00–18:00; 10:00–16:00",
    "ES": "900 000 000; soporte@gise.example; 09:00–19:00",
    "HU": "06 80 000 000; segitseg@gise.example; 08:00–18:00",
}


class BadSetting(Exception):
    """One clear sentence that names the variable; the program ends with 2."""


@dataclass(frozen=True)
class Contact:
    """
    Whom a shop calls.

    :ivar hours: of the market's own time, such as ``09:00–18:00``; :ivar weekend: the same, empty when nobody is there
    """

    phone: str
    mail: str
    hours: str
    weekend: str = ""


@dataclass(frozen=True, kw_only=True)
class Config:
    """
    :ivar database_url: the product's own role, no superuser
    :ivar owner_url: the role that owns the schema; only migrations use it
    :ivar replica_url: where reports read, when there is a replica
    :ivar secret_key: signs form tokens; from it are made the keys of typed codes, of banks that push and of exports' seals
    :ivar scan_keys: encrypt scans and second factors, the first one what is new; 32 bytes each
    :ivar bank_inbox: the watched folder for bank files, if there is one
    :ivar audit_head: the file in which the worker keeps where the audit trail's chain stands, if there is one
    :ivar clock: where the told clock starts, see :mod:`app.clock`
    :ivar cut_off: replaces every market's hour of the last cancellation
    :ivar contacts: by market; where there is none, the pages show no line to call
    :ivar web_processes: how many of them share the places for calls at one biller
    :ivar karekod_producer: the code by which we are known as a maker of TR Karekod; empty: we make none
    :ivar trusted_proxies: how many proxies in front are believed when they say who is asking (C7)
    """

    env: str
    database_url: str
    owner_url: str
    replica_url: str | None
    secret_key: str
    scan_keys: tuple[bytes, ...]
    billers_url: str
    bank_url: str
    sms_url: str
    smtp_url: str
    mail_from: str
    imap_url: str
    bank_inbox: Path | None
    audit_head: Path | None
    karekod_producer: str
    clock: str | None
    cut_off: time | None
    contacts: Mapping[str, Contact]
    web_processes: int
    trusted_proxies: int

    @property
    def is_production(self) -> bool:
        return self.env == "production"

    @classmethod
    def from_environment(cls, environ: Mapping[str, str]) -> "Config":
        """:raises BadSetting: if a variable is missing or cannot be read"""
        env = read(environ, "GISE_ENV", one_of("production", "development"), "production")
        needed = env == "production"

        def get(name: str, parse: Callable[[str], T], default: str) -> T:
            """A default is for the demo; production is told where everything is."""
            return read(environ, name, parse, None if needed else default)

        def only_in_development(name: str, parse: Callable[[str], T]) -> T | None:
            if needed and environ.get(name):
                raise BadSetting(f"{name} is for development only: unset it, or set GISE_ENV=development.")
            return read(environ, name, parse, "") if environ.get(name) else None

        database_url = read(environ, "GISE_DATABASE_URL", postgresql_url, None)
        return cls(
            env=env,
            database_url=database_url,
            owner_url=read(environ, "GISE_OWNER_DATABASE_URL", postgresql_url, database_url),
            replica_url=read(environ, "GISE_REPLICA_URL", postgresql_url, "") if environ.get("GISE_REPLICA_URL") else None,
            secret_key=get("GISE_SECRET_KEY", long_enough, DEVELOPMENT_KEY),
            scan_keys=get("GISE_SCAN_KEY", keys, DEVELOPMENT_KEY),
            billers_url=get("GISE_BILLERS_URL", http_url, SANDBOX),
            bank_url=get("GISE_BANK_URL", http_url, SANDBOX + "/bank"),
            sms_url=get("GISE_SMS_URL", http_url, SANDBOX + "/sms"),
            smtp_url=get("GISE_SMTP_URL", url_of("smtp", "smtps"), "smtp://127.0.0.1:8025"),
            mail_from=read(environ, "GISE_MAIL_FROM", mail_address, OUR_ADDRESS_IN_THE_DEMO),
            imap_url=get("GISE_IMAP_URL", url_of("imap", "imaps"), "imap://gise:sandbox@127.0.0.1:8143"),
            bank_inbox=read(environ, "GISE_BANK_INBOX", Path, "") if environ.get("GISE_BANK_INBOX") else None,
            audit_head=read(environ, "GISE_AUDIT_HEAD", Path, "") if environ.get("GISE_AUDIT_HEAD") else None,
            karekod_producer=read(environ, "GISE_KAREKOD_PRODUCER", four_digits, "" if needed else "9999"),
            clock=only_in_development("GISE_CLOCK", clock_start),
            cut_off=only_in_development("GISE_CUT_OFF", time.fromisoformat),
            contacts=contacts(environ, {} if needed else CONTACTS_OF_THE_DEMO),
            web_processes=read(environ, "GISE_WEB_PROCESSES", int, "2"),
            trusted_proxies=read(environ, "GISE_TRUSTED_PROXIES", int, "0"),
        )


def read(environ: Mapping[str, str], name: str, parse: Callable[[str], T], default: str | None) -> T:
    text = environ.get(name) or default
    if text is None:
        raise BadSetting(f"{name} is not set.")
    try:
        return parse(text)
    except ValueError as error:
        raise BadSetting(f"{name} cannot be read: {error}.") from error


def contacts(environ: Mapping[str, str], defaults: Mapping[str, str]) -> dict[str, Contact]:
    """A market that is not named has none: an institution tells those in which it has shops."""
    variables = {market: f"GISE_CONTACT_{market}" for market in CONTACTS_OF_THE_DEMO}
    if unknown := {name for name in environ if name.startswith("GISE_CONTACT_")} - set(variables.values()):
        raise BadSetting(f"{min(unknown)} names no market: they are {', '.join(variables)}.")
    told = {market: (name, environ.get(name) or defaults.get(market, "")) for market, name in variables.items()}
    return {market: read({}, name, contact, text) for market, (name, text) in told.items() if text}


def mail_address(text: str) -> str:
    """The lower case of one plain address."""
    if not re.fullmatch(r"[!-?A-~]+@[A-Za-z0-9.-]+", text):
        raise ValueError("one mail address is expected, such as gise@example.com")
    return text.lower()


def contact(text: str) -> Contact:
    parts = [part.strip() for part in text.split(";")]
    if len(parts) not in (3, 4) or not all(parts[:3]) or "@" not in parts[1]:
        raise ValueError(
            "phone; mail; hours on workdays; hours at weekends are expected, such as 0850 123 45 67; help@example.com; 09:00–18:00"
        )
    return Contact(*parts)


def one_of(*words: str) -> Callable[[str], str]:
    def parse(text: str) -> str:
        if text not in words:
            raise ValueError(f"'{text}' is none of {', '.join(words)}")
        return text

    return parse


def url_of(*schemes: str) -> Callable[[str], str]:
    def parse(text: str) -> str:
        parts = urlsplit(text)
        if parts.scheme not in schemes or not parts.hostname:
            raise ValueError(f"an address that starts with {schemes[0]}:// and names a host is expected")
        return text.rstrip("/")

    return parse


http_url = url_of("http", "https")


def postgresql_url(text: str) -> str:
    if urlsplit(text).scheme not in ("postgresql", "postgres"):
        raise ValueError("an address that starts with postgresql:// is expected")
    return text


def four_digits(text: str) -> str:
    if text and not re.fullmatch("[0-9]{4}", text):
        raise ValueError("four digits are expected, such as 0829")
    return text


def long_enough(text: str) -> str:
    if len(text) < 32:
        raise ValueError("at least 32 characters are needed, for instance from: openssl rand -hex 32")
    return text


def keys(text: str) -> tuple[bytes, ...]:
    """One or more keys, base64 of 32 bytes each, separated by commas; the first encrypts, all decrypt."""
    try:
        read_keys = tuple(base64.b64decode(part, validate=True) for part in text.split(","))
    except binascii.Error as error:
        raise ValueError("base64 of 32 bytes is expected, for instance from: openssl rand -base64 32") from error
    if any(len(key) != 32 for key in read_keys):
        raise ValueError("each key has exactly 32 bytes, for instance from: openssl rand -base64 32")
    return read_keys


def clock_start(text: str) -> str:
    """``2025-05-22T16:58:00+03:00``, or the same with ``@`` and the real Unix time at which it was so."""
    told, _, real = text.partition("@")
    if datetime.fromisoformat(told).tzinfo is None:
        raise ValueError("a time with its offset is expected, such as 2025-05-22T16:58:00+03:00")
    int(real or "0")
    return text
