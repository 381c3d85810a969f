"""MASMOVIL's worked examples (carriers.md): the minicycle of May 2025 and what it does to everybody."""

from datetime import date
from decimal import Decimal

from app.billing.carriers.masmovil import Bonus, Contract
from app.billing.instalments import Financing
from app.billing.proration import Fee
from app.billing.usage import Allowance
from sandbox.cast.role import Pays, Role

APRIL, JUNE_21, JULY_21 = date(2025, 4, 1), date(2025, 6, 21), date(2025, 7, 21)
TEXT = "Fibra 500 Mb + móvil 50 GB"
DATA = ((TEXT, (Allowance("data", "50 GB", "GB", Decimal(50)),)),)
WEB_IN_MAY = {"2025-04": Pays("web", date(2025, 5, 4))}
DEBITS = {f"2025-{month:02}": Pays("debit") for month in range(1, 13)}


def fee(price: str = "29.90", first: date = APRIL, last: date = JUNE_21, text: str = TEXT) -> Fee:
    return Fee(text, Decimal(price), first, last)


FAMILY = (fee("19.90", text="Móvil 60 GB"), fee("9.99", text="Línea adicional"), fee("4.95", text="TV"))
CHANGED = (fee(last=date(2025, 5, 14)), fee("39.90", date(2025, 5, 15), text="Fibra 1 Gb + móvil 100 GB"))
PHONE = Financing("Móvil financiado", Decimal("12.50"), 24, since=date(2024, 12, 1))
BONUS = Bonus("Bono 10 GB", Decimal(10), Decimal("5.00"), date(2025, 5, 19))

ROLES: dict[str, Role[Contract]] = {
    "699000001": Role("29.90: the minicycle costs 20.25, charged on 29 May", Contract((fee(),)), APRIL, JUNE_21, WEB_IN_MAY),
    "699000002": Role("a family of three lines: 13.48 + 6.77 + 3.35 = 23.60", Contract(FAMILY), APRIL, JUNE_21, WEB_IN_MAY),
    "699000003": Role(
        "a financed telephone, 12.50: early May, 4 June, none at the end of June, end of July; charged by direct debit",
        Contract((fee(first=date(2024, 12, 1), last=JULY_21),), financings=(PHONE,)),
        date(2024, 12, 1),
        JULY_21,
        {"2024-12": Pays("debit"), **DEBITS},
    ),
    "699000004": Role("starting on 10 May: 12/31, 11.57", Contract((fee(first=date(2025, 5, 10)),)), date(2025, 5, 10), JUNE_21),
    "699000005": Role("ending on 5 May: 5/31, 4.82", Contract((fee(last=date(2025, 5, 5)),)), APRIL, date(2025, 5, 5), WEB_IN_MAY),
    "699000006": Role("another plan from 15 May: 14/31 + 7/31, 13.50 + 9.01 = 22.51", Contract(CHANGED), APRIL, JUNE_21, WEB_IN_MAY),
    "699000007": Role("joining on 22 May: no minicycle", Contract((fee(first=date(2025, 5, 22)),)), date(2025, 5, 22), JUNE_21),
    "699000008": Role(
        "starting on 31 January: 1/31, 0.96", Contract((fee(first=date(2025, 1, 31), last=date(2025, 2, 28)),)),
        date(2025, 1, 31), date(2025, 2, 28),
    ),
    "699000009": Role(
        "starting on 29 February: 1/29, 1.03", Contract((fee(first=date(2024, 2, 29), last=date(2024, 3, 31)),)),
        date(2024, 2, 29), date(2024, 3, 31),
    ),
    "699000010": Role(
        "a bonus bought on 19 May ends on the 21st: 20.25 + 5.00 = 25.25", Contract((fee(),), DATA, bonuses=(BONUS,)),
        APRIL, JUNE_21, WEB_IN_MAY,
    ),
}  # fmt: skip
