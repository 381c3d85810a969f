"""
A payout file in ISO 20022: customer credit transfer initiation, pain.001.001.03 or pain.001.001.09.

One payment block of single bookings (``BtchBookg`` false), so that the statement shows each return with its own end-to-end
id. No BIC is asked for: the IBAN names the bank (``NOTPROVIDED``, as the SEPA guidelines have it). Charges follow SEPA's
service level in euro; elsewhere there is none to follow, and each side pays its own.
"""

from lxml import etree

from app.bank.payouts.payout_plan import OURSELVES, Payout, Transfer, plain, remittance

VERSIONS = ("pain.001.001.03", "pain.001.001.09")


def payout_pain(payout: Payout, *, version: str) -> bytes:
    """:param version: one of :data:`VERSIONS`"""
    space = f"urn:iso:std:iso:20022:tech:xsd:{version}"
    document = etree.Element(f"{{{space}}}Document", nsmap={None: space})
    initiation = put(document, "CstmrCdtTrfInitn")
    number, total = str(len(payout.transfers)), f"{payout.total.decimal:f}"
    header = put(initiation, "GrpHdr")
    put(header, "MsgId", payout.reference)
    put(header, "CreDtTm", payout.made_at.replace(microsecond=0).isoformat())
    put(header, "NbOfTxs", number)
    put(header, "CtrlSum", total)
    put(put(header, "InitgPty"), "Nm", OURSELVES)
    block = put(initiation, "PmtInf")
    put(block, "PmtInfId", payout.reference)
    put(block, "PmtMtd", "TRF")
    put(block, "BtchBookg", "false")
    put(block, "NbOfTxs", number)
    put(block, "CtrlSum", total)
    if payout.currency == "EUR":
        put(put(put(block, "PmtTpInf"), "SvcLvl"), "Cd", "SEPA")
    day = put(block, "ReqdExctnDt")
    if version == "pain.001.001.09":
        put(day, "Dt", payout.day.isoformat())
    else:
        day.text = payout.day.isoformat()
    put(put(block, "Dbtr"), "Nm", OURSELVES)
    account = put(block, "DbtrAcct")
    put(put(account, "Id"), "IBAN", payout.iban)
    put(account, "Ccy", payout.currency)
    put(put(put(put(block, "DbtrAgt"), "FinInstnId"), "Othr"), "Id", "NOTPROVIDED")
    put(block, "ChrgBr", "SLEV" if payout.currency == "EUR" else "SHAR")
    for transfer in payout.transfers:
        put_transfer(block, transfer)
    return etree.tostring(document, xml_declaration=True, encoding="UTF-8", pretty_print=True)


def put_transfer(block: etree._Element, transfer: Transfer) -> None:
    one = put(block, "CdtTrfTxInf")
    ids = put(one, "PmtId")
    put(ids, "InstrId", transfer.reference)
    put(ids, "EndToEndId", transfer.reference)
    amount = put(put(one, "Amt"), "InstdAmt", f"{transfer.amount.decimal:f}")
    amount.set("Ccy", transfer.amount.currency)
    put(put(one, "Cdtr"), "Nm", plain(transfer.name))
    put(put(put(one, "CdtrAcct"), "Id"), "IBAN", transfer.iban)
    put(put(one, "RmtInf"), "Ustrd", remittance(transfer))


def put(parent: etree._Element, name: str, text: str | None = None) -> etree._Element:
    """In its parent's namespace."""
    child = etree.SubElement(parent, f"{{{etree.QName(parent).namespace}}}{name}")
    child.text = text
    return child
