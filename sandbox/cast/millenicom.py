"""Millenicom's worked examples (carriers.md): May stays unpaid, is paid elsewhere first, or in part."""

from datetime import date
from decimal import Decimal

from app.billing.carriers.millenicom import Contract
from app.billing.proration import Fee
from sandbox.cast.role import Pays, Role

MAY, JUNE_END = date(2025, 5, 1), date(2025, 6, 30)
NET_300 = Contract((Fee("Fiber 100 Mbps", Decimal("300.00"), MAY, JUNE_END),))

ROLES: dict[str, Role[Contract]] = {
    "5399000001": Role("May 390.00 stays unpaid: June shows and asks for 785.85, and paying it closes both", NET_300, MAY, JUNE_END),
    "5399000002": Role(
        "May is paid on the carrier's site first, on 5 July: June is payable with 395.85",
        NET_300, MAY, JUNE_END, {"2025-05": Pays("web", date(2025, 7, 5))},
    ),
    "5399000003": Role(
        "500.00 of June's 785.85 were transferred on 5 July: late fee 5.85, May 390.00, June 104.15; 285.85 remains",
        NET_300, MAY, JUNE_END, {"2025-06": Pays("web", date(2025, 7, 5), 500_00)},
    ),
}  # fmt: skip
