"""A biller's bill as a paper."""

from datetime import datetime
from io import BytesIO

import pikepdf

from app.billers.model import Biller
from app.billing.bill import Bill, Subscriber


def print_bill(biller: Biller, subscriber: Subscriber, bill: Bill, *, language: str, at: datetime) -> bytes:
    """:returns: a PDF"""
    written = BytesIO()
    with pikepdf.new() as pdf:
        pdf.add_blank_page()
        pdf.docinfo["/Title"] = f"{biller.name} {subscriber.number} {bill.number} {language} {at:%Y-%m-%d}"
        pdf.save(written, static_id=True)
    return written.getvalue()
