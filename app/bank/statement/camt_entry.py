"""One entry of a camt statement: a booking, and the transfers it is made of."""

import re
from datetime import date

from app.bank.statement.camt_fields import Node, amount_of, day_of, find, find_all, moment_of, side_of, text_of
from app.bank.statement.details import joined
from app.bank.statement.numbers import Bad
from app.bank.statement.statement import LONGEST_RAW, LONGEST_TEXT, Booking, Detail, Side, Status, shown
from app.errors import N_
from app.remarks import Remark

NO_DAY = N_("Line {line}: the entry names no day, and neither does the statement.")
UNEQUAL = N_("The transfers of this batch make {sum}, the booking is {amount}.")

STATUSES = {"": Status.BOOKED, "BOOK": Status.BOOKED, "PDNG": Status.PENDING, "FUTR": Status.PENDING}
REFERENCES = ("Refs/AcctSvcrRef", "Refs/TxId", "Refs/EndToEndId", "Refs/InstrId", "Refs/UETR", "RtrInf/OrgnlBkTxCd/Prtry/Cd")
FULL_PIECE = 140


def read_entry(entry: Node, *, otherwise: date | None, raw: str) -> Booking:
    """
    :param otherwise: the day of an entry that names none; :param raw: as the file says it
    :raises Bad: …
    """
    amount, currency = amount_of(entry)
    side, reversal = side_of(entry), text_of(entry, "RvslInd") in ("true", "1")
    booked, value = day_of(entry, "BookgDt"), day_of(entry, "ValDt")
    day = booked or value or ((otherwise, None) if otherwise else None)
    if day is None:
        raise Bad(NO_DAY)
    transfers = [*find_all(entry, "NtryDtls/TxDtls"), *find_all(entry, "TxDtls")]
    came_from_outside = (side is Side.CREDIT) != reversal
    details, doubt = read_details(entry, transfers, amount, currency, side, came_from_outside)
    return Booking(
        line=entry.line,
        side=side,
        amount=amount,
        currency=currency,
        day=day[0],
        day_is_sure=booked is not None,
        value_date=(value or day)[0],
        booked_at=moment_of(entry, "BookgDt"),
        reversal=reversal,
        status=STATUSES.get(text_of(entry, "Sts/Cd", "Sts"), Status.INFORMATION),
        reference=text_of(entry, "AcctSvcrRef") or (details[0].reference if len(transfers) == 1 else ""),
        hints=hints(entry, transfers),
        text=details[0].text if len(details) == 1 else text_of(entry, "AddtlNtryInf")[:LONGEST_TEXT],
        details=details,
        doubt=doubt,
        notes=tuple(found[1] for found in (booked, value) if found and found[1]),
        raw=raw[:LONGEST_RAW],
    )


def read_details(
    entry: Node, transfers: list[Node], amount: int, currency: str, side: Side, incoming: bool
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
    return (Detail(amount=amount, text=text[:LONGEST_TEXT]),), Remark.of(UNEQUAL, sum=shown(sum(amounts)), amount=shown(amount))


def own_amount(transfer: Node, currency: str, side: Side) -> int | None:
    for path in ("Amt", "AmtDtls/TxAmt/Amt"):
        if find(transfer, path) is not None:
            amount, own_currency = amount_of(transfer, path)
            return (amount if side_of(transfer, otherwise=side) is side else -amount) if own_currency == currency else None
    return None


def read_detail(entry: Node, transfer: Node, amount: int, incoming: bool) -> Detail:
    """Whoever is not us: the debtor of money that came in, the creditor of money that went out."""
    role = "Dbtr" if incoming else "Cdtr"
    parties = f"RltdPties/{role}"
    return Detail(
        amount=amount,
        text=(written(transfer) or text_of(entry, "AddtlNtryInf"))[:LONGEST_TEXT],
        sender_name=text_of(transfer, f"{parties}/Nm", f"{parties}/Pty/Nm", f"RltdPties/Ultmt{role}/Nm", f"RltdPties/Ultmt{role}/Pty/Nm"),
        sender_iban="".join(text_of(transfer, f"{parties}Acct/Id/IBAN", f"{parties}Acct/Id/Othr/Id").split()).upper(),
        reference=text_of(transfer, "Refs/AcctSvcrRef"),
    )


def written(transfer: Node) -> str:
    pieces = [re.sub(r"[\r\n\t]+", " ", piece.text) for piece in find_all(transfer, "RmtInf/Ustrd")]
    structured = [text_of(strd, "CdtrRefInf/Ref", "AddtlRmtInf") for strd in find_all(transfer, "RmtInf/Strd")]
    return joined([piece for piece in (joined(pieces, full=FULL_PIECE), *structured) if piece], full=FULL_PIECE) or text_of(
        transfer, "AddtlTxInf"
    )


def hints(entry: Node, transfers: list[Node]) -> tuple[str, ...]:
    """Names by which a reversal may point at what it takes back."""
    found = {text_of(entry, "NtryRef")} | {text_of(transfer, path) for transfer in transfers[:1] for path in REFERENCES}
    return tuple(sorted(name[:60] for name in found if re.search("[0-9]", name)))
