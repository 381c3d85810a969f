"""One entry of a camt statement: a booking, and the transfers it is made of."""

import re
from dataclasses import dataclass
from datetime import date

from app.amounts import hundredths
from app.bank.statement.camt_fields import Element, amount_of, day_of, moment_of, side_of, text_of
from app.bank.statement.details import joined, without_spaces
from app.bank.statement.numbers import Bad
from app.bank.statement.source import Source
from app.bank.statement.statement import LONGEST_TEXT, Booking, Detail, Side, Status, shared
from app.errors import N_
from app.remarks import Remark

NO_DAY = N_("Line {line}: the entry names no day, and neither does the statement.")
UNEQUAL = N_("The transfers of this batch make {sum}, the booking is {amount}.")

STATUSES = {"": Status.BOOKED, "BOOK": Status.BOOKED, "PDNG": Status.PENDING, "FUTR": Status.PENDING}
REFERENCES = ("Refs/AcctSvcrRef", "Refs/TxId", "Refs/EndToEndId", "Refs/InstrId", "Refs/UETR", "RtrInf/OrgnlBkTxCd/Prtry/Cd")
FULL_PIECE = 140
BREAKS, DIGIT, NO_NAME = re.compile(r"[\r\n\t]+"), re.compile("[0-9]"), {""}


@dataclass(frozen=True)
class Role:
    """Where a transfer names one of its two parties."""

    names: tuple[str, ...]
    accounts: tuple[str, ...]


DEBTOR, CREDITOR = (
    Role(
        names=(f"RltdPties/{party}/Nm", f"RltdPties/{party}/Pty/Nm", f"RltdPties/Ultmt{party}/Nm", f"RltdPties/Ultmt{party}/Pty/Nm"),
        accounts=(f"RltdPties/{party}Acct/Id/IBAN", f"RltdPties/{party}Acct/Id/Othr/Id"),
    )
    for party in ("Dbtr", "Cdtr")
)


def read_entry(entry: Element, *, otherwise: date | None, source: Source, place: int) -> Booking:
    """
    :param otherwise: the day of an entry that names none; :param place: of the entry in its source
    :raises Bad: …
    """
    texts = entry.texts
    amount, currency = amount_of(entry)
    side, reversal = side_of(entry), texts.get("RvslInd") in ("true", "1")
    booked, value = day_of(entry, "BookgDt"), day_of(entry, "ValDt")
    day = booked or value or ((otherwise, None) if otherwise else None)
    if day is None:
        raise Bad(NO_DAY)
    transfers = entry.all("NtryDtls/TxDtls") + entry.all("TxDtls")
    came_from_outside = (side is Side.CREDIT) != reversal
    details, doubt = read_details(entry, transfers, amount, currency, side, came_from_outside)
    only = details[0] if len(details) == 1 else None
    reference = texts.get("AcctSvcrRef") or (details[0].reference if len(transfers) == 1 else "")
    return Booking(
        entry.line,
        side,
        amount,
        shared(currency),
        day[0],
        (value or day)[0],
        only.text if only else texts.get("AddtlNtryInf", "")[:LONGEST_TEXT],
        reference,
        details[0].sender_name,
        details[0].sender_iban,
        booked is not None,
        moment_of(entry, "BookgDt"),
        reversal,
        STATUSES.get(texts.get("Sts/Cd") or texts.get("Sts", ""), Status.INFORMATION),
        hints(entry, transfers),
        tuple([found[1] for found in (booked, value) if found and found[1]]),
        doubt,
        () if only and only.reference in ("", reference) else details,
        source,
        place,
    )


def read_details(
    entry: Element, transfers: list[Element], amount: int, currency: str, side: Side, incoming: bool
) -> tuple[tuple[Detail, ...], Remark | None]:
    """
    E28: the transfers of a batch, each with its own amount. One alone is the whole booking, whatever its own amount says:
    what moved on the account counts, and charges may lie between.
    """
    if len(transfers) <= 1:
        return (read_detail(entry, transfers[0] if transfers else entry, amount, incoming),), None
    own = [own_amount(transfer, currency, side) for transfer in transfers]
    amounts = [each for each in own if each is not None]
    if len(amounts) == len(transfers) and sum(amounts) == amount and min(amounts) >= 0:
        return tuple(read_detail(entry, transfer, each, incoming) for transfer, each in zip(transfers, amounts, strict=True)), None
    text = " | ".join(filter(None, (written(transfer) for transfer in transfers)))
    return (Detail(amount=amount, text=text[:LONGEST_TEXT]),), Remark.of(
        UNEQUAL, sum=hundredths(sum(amounts), currency), amount=hundredths(amount, currency)
    )


def own_amount(transfer: Element, currency: str, side: Side) -> int | None:
    for path in ("Amt", "AmtDtls/TxAmt/Amt"):
        if path in transfer.texts:
            amount, own_currency = amount_of(transfer, path)
            return (amount if side_of(transfer, otherwise=side) is side else -amount) if own_currency == currency else None
    return None


def read_detail(entry: Element, transfer: Element, amount: int, incoming: bool) -> Detail:
    """Whoever is not us: the debtor of money that came in, the creditor of money that went out."""
    role = DEBTOR if incoming else CREDITOR
    return Detail(
        amount,
        (written(transfer) or entry.texts.get("AddtlNtryInf", ""))[:LONGEST_TEXT],
        shared(text_of(transfer, *role.names)),
        without_spaces(text_of(transfer, *role.accounts)),
        transfer.texts.get("Refs/AcctSvcrRef", ""),
    )


def written(transfer: Element) -> str:
    pieces = [BREAKS.sub(" ", piece) if BREAKS.search(piece) else piece for piece in transfer.pieces]
    structured = [text_of(part, "CdtrRefInf/Ref", "AddtlRmtInf") for part in transfer.all("RmtInf/Strd")]
    if not structured and len(pieces) == 1:
        return pieces[0].strip() or transfer.texts.get("AddtlTxInf", "")
    found = [piece for piece in (joined(pieces, full=FULL_PIECE), *structured) if piece]
    return joined(found, full=FULL_PIECE) or transfer.texts.get("AddtlTxInf", "")


def hints(entry: Element, transfers: list[Element]) -> tuple[str, ...]:
    """Names by which a reversal may point at what it takes back."""
    found = {entry.texts.get("NtryRef", "")}
    if transfers:
        found.update([transfers[0].texts.get(path, "") for path in REFERENCES])
    return tuple(sorted([name[:60] for name in found if DIGIT.search(name)])) if len(found) > 1 or found != NO_NAME else ()
