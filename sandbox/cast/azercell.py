"""Azercell's worked examples (carriers.md): an advance that lowers the next bill, inquiries rounded only on the bill."""

from datetime import date
from decimal import Decimal

from app.billing.carriers.azercell import Contract
from app.billing.proration import Fee
from sandbox.cast.role import Pays, Role

APRIL, MAY, MAY_END = date(2025, 4, 1), date(2025, 5, 1), date(2025, 5, 31)
TWO_FEES = (Fee("SuperSən", Decimal("18.40"), APRIL, date(2025, 4, 30)), Fee("Premium+", Decimal("21.15"), MAY, MAY_END))

ROLES: dict[str, Role[Contract]] = {
    "519900001": Role(
        "April 18.40, paid 20.00 on the carrier's site: advance 1.60; of May's 21.15 only 19.55 is payable",
        Contract(TWO_FEES), APRIL, MAY_END, {"2025-04": Pays("web", date(2025, 5, 10), 20_00)},
    ),
    "519900002": Role(
        "seven SMS inquiries of 0.0236 are 0.17 on the bill of May",
        Contract((Fee("SuperSən", Decimal("11.80"), MAY, MAY_END),)), MAY, MAY_END,
        inquiries=tuple(date(2025, 5, day) for day in (2, 5, 5, 9, 14, 23, 30)),
    ),
}  # fmt: skip
