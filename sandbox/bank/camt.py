"""
ISO 20022: camt.054 (what was booked since) and camt.053 (a day with its balances), both in version 8.

``CdtDbtInd`` is the side the money went; ``RvslInd`` says that an earlier booking is taken back and does not turn it.
"""

import re
from collections.abc import Iterable
from datetime import datetime
from xml.etree import ElementTree
from xml.etree.ElementTree import Element, SubElement

from app.money import Money, total
from sandbox.bank.accounts import OWNER, BankAccount
from sandbox.bank.statement import Booking, DayStatement

NAMESPACE = "urn:iso:std:iso:20022:tech:xsd:"
LONGEST_REMITTANCE_LINE = 140
IBAN = re.compile(r"[A-Z]{2}[0-9]{2}[a-zA-Z0-9]{1,30}")


def camt054(account: BankAccount, bookings: list[Booking], *, since: datetime, now: datetime) -> bytes:
    """One notification, with no entry when nothing was booked."""
    document, message = begin("camt.054.001.08", "BkToCstmrDbtCdtNtfctn", account, now)
    notification = SubElement(message, "Ntfctn")
    put(notification, "Id", f"{account.iban[-10:]}-{now.astimezone(account.zone):%Y%m%d%H%M%S%f}")
    put(notification, "CreDtTm", moment(now, account))
    period = SubElement(notification, "FrToDt")
    put(period, "FrDtTm", moment(since, account))
    put(period, "ToDtTm", moment(max(now, since), account))
    add_account(notification, account, account.currency)
    for booking in bookings:
        add_entry(notification, account, booking)
    return written(document)


def camt053(account: BankAccount, statements: list[DayStatement], *, now: datetime) -> bytes:
    """A statement for each day, opening and closing balance in each."""
    document, message = begin("camt.053.001.08", "BkToCstmrStmt", account, now)
    for statement in statements:
        add_statement(message, statement, now)
    return written(document)


def begin(name: str, kind: str, account: BankAccount, now: datetime) -> tuple[Element, Element]:
    document = Element("Document", xmlns=NAMESPACE + name)
    message = SubElement(document, kind)
    header = SubElement(message, "GrpHdr")
    put(header, "MsgId", f"{name[:8].upper()}-{now.astimezone(account.zone):%Y%m%d%H%M%S%f}")
    put(header, "CreDtTm", moment(now, account))
    return document, message


def add_statement(message: Element, statement: DayStatement, now: datetime) -> None:
    element = SubElement(message, "Stmt")
    account, day = statement.account, statement.day
    put(element, "Id", f"{account.iban[-10:]}-{day:%Y%m%d}-{statement.currency}-{len(statement.bookings)}")
    put(element, "ElctrncSeqNb", f"{day:%Y%j}")
    put(element, "CreDtTm", moment(now, account))
    period = SubElement(element, "FrToDt")
    put(period, "FrDtTm", moment(datetime(day.year, day.month, day.day, tzinfo=account.zone), account))
    put(period, "ToDtTm", moment(datetime(day.year, day.month, day.day, 23, 59, 59, tzinfo=account.zone), account))
    add_account(element, account, statement.currency)
    add_balance(element, "OPBD", statement.opening, statement)
    add_balance(element, "CLBD", statement.closing, statement)
    add_summary(element, statement.bookings, statement.currency)
    for booking in statement.bookings:
        add_entry(element, account, booking)


def add_account(parent: Element, account: BankAccount, currency: str) -> None:
    element = SubElement(parent, "Acct")
    put(SubElement(element, "Id"), "IBAN", account.iban)
    put(element, "Ccy", currency)
    put(SubElement(element, "Ownr"), "Nm", OWNER)
    put(SubElement(SubElement(element, "Svcr"), "FinInstnId"), "Nm", account.bank)


def add_balance(parent: Element, code: str, balance: Money, statement: DayStatement) -> None:
    element = SubElement(parent, "Bal")
    put(SubElement(SubElement(element, "Tp"), "CdOrPrtry"), "Cd", code)
    add_amount(element, balance)
    put(SubElement(element, "Dt"), "Dt", statement.day.isoformat())


def add_summary(parent: Element, bookings: Iterable[Booking], currency: str) -> None:
    summary = SubElement(parent, "TxsSummry")
    for tag, side in (("TtlCdtNtries", "credit"), ("TtlDbtNtries", "debit")):
        amounts = [booking.amount for booking in bookings if booking.side == side]
        element = SubElement(summary, tag)
        put(element, "NbOfNtries", str(len(amounts)))
        put(element, "Sum", str(total(amounts, currency).decimal))


def add_entry(parent: Element, account: BankAccount, booking: Booking) -> None:
    """The elements stand in the schema's order."""
    entry = SubElement(parent, "Ntry")
    add_amount(entry, booking.signed, side=booking.side)
    if booking.is_reversal:
        put(entry, "RvslInd", "true")
    put(SubElement(entry, "Sts"), "Cd", "BOOK")
    put(SubElement(entry, "BookgDt"), "DtTm", booking.booked_at.isoformat(timespec="milliseconds"))
    put(SubElement(entry, "ValDt"), "Dt", booking.value_date.isoformat())
    if booking.reference:
        put(entry, "AcctSvcrRef", booking.reference)
    add_transaction_code(entry, booking)
    transaction = SubElement(SubElement(entry, "NtryDtls"), "TxDtls")
    if booking.reference:
        put(SubElement(transaction, "Refs"), "AcctSvcrRef", booking.reference)
    add_amount(transaction, booking.signed, side=booking.side)
    add_parties(transaction, account, booking)
    remittance = SubElement(transaction, "RmtInf") if booking.description else transaction
    for start in range(0, len(booking.description), LONGEST_REMITTANCE_LINE):
        put(remittance, "Ustrd", booking.description[start : start + LONGEST_REMITTANCE_LINE])


def add_amount(parent: Element, signed: Money, *, side: str | None = None) -> None:
    """:param side: for a zero, which has no sign of its own"""
    element = put(parent, "Amt", str(abs(signed.decimal)))
    element.set("Ccy", signed.currency)
    put(parent, "CdtDbtInd", "DBIT" if (side == "debit" if side else signed.minor < 0) else "CRDT")


def add_transaction_code(entry: Element, booking: Booking) -> None:
    """Credit transfers received or issued; a reversal keeps the family of what it takes back."""
    domain = SubElement(SubElement(entry, "BkTxCd"), "Domn")
    put(domain, "Cd", "PMNT")
    family = SubElement(domain, "Fmly")
    put(family, "Cd", "RCDT" if booking.came_in else "ICDT")
    put(family, "SubFmlyCd", "RRTN" if booking.is_reversal else "DMCT")


def add_parties(transaction: Element, account: BankAccount, booking: Booking) -> None:
    """Whoever is not us: the debtor of money that came in, the creditor of money that went out."""
    parties = SubElement(transaction, "RltdPties")
    role = "Dbtr" if booking.came_in else "Cdtr"
    put(SubElement(SubElement(parties, role), "Pty"), "Nm", booking.sender_name)
    if booking.sender_iban:
        identity = SubElement(SubElement(parties, f"{role}Acct"), "Id")
        is_iban = IBAN.fullmatch(booking.sender_iban)
        put(identity if is_iban else SubElement(identity, "Othr"), "IBAN" if is_iban else "Id", booking.sender_iban)


def moment(time: datetime, account: BankAccount) -> str:
    return time.astimezone(account.zone).isoformat(timespec="milliseconds")


def put(parent: Element, tag: str, text: str) -> Element:
    element = SubElement(parent, tag)
    element.text = text
    return element


def written(document: Element) -> bytes:
    return bytes(ElementTree.tostring(document, "utf-8", xml_declaration=True))
