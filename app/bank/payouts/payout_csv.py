"""
A payout file as Turkish banks take it into their bulk-payment pages: ``;`` between fields, decimal comma, UTF-8 with BOM.

Banks name and order their columns differently; these are what all of them ask for.
"""

import csv
import io

from app.bank.payouts.payout_plan import Payout, plain, remittance

COLUMNS = ("ALICI ADI", "ALICI IBAN", "TUTAR", "PARA BIRIMI", "ACIKLAMA", "REFERANS", "GONDEREN IBAN", "TARIH")


def payout_csv(payout: Payout) -> bytes:
    text = io.StringIO()
    writer = csv.writer(text, delimiter=";", lineterminator="\r\n")
    writer.writerow(COLUMNS)
    for transfer in payout.transfers:
        writer.writerow(
            (
                guarded(plain(transfer.name)),
                transfer.iban,
                f"{transfer.amount.decimal:f}".replace(".", ","),
                transfer.amount.currency,
                remittance(transfer),
                transfer.reference,
                payout.iban,
                f"{payout.day:%d.%m.%Y}",
            )
        )
    return b"\xef\xbb\xbf" + text.getvalue().encode()


def guarded(text: str) -> str:
    """What a spreadsheet would take for a formula does not begin like one (C14)."""
    return text.lstrip("=+-@ ") or "NOTPROVIDED"
