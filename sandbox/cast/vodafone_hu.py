"""Vodafone Hungary's worked examples (carriers.md): fees in advance, credits, the one-day trap."""

from datetime import date
from decimal import Decimal

from app.billing.carriers.vodafone_hu import Contract, OneOff, Plan
from app.billing.proration import Fee
from app.billing.usage import Allowance, Used
from sandbox.cast.role import Pays, Role

JULY, AUGUST, SEPTEMBER_END = date(2025, 7, 1), date(2025, 8, 1), date(2025, 9, 30)
DATA, CALLS = Allowance("data", "10 GB adat", "GB", Decimal(10)), Allowance("call", "500 perc", "minute", Decimal(500))


def plan(text: str, price: str, first: date, last: date, discount: int = 0) -> Plan:
    return Plan(Fee(text, Decimal(price), first, last), (DATA, CALLS) if text == "Go L" else (), discount=Decimal(discount))


def changed_in_august(*, deleted: date) -> Contract:
    """A deleted, B and an option from 15 August, with everything else that may stand on a bill."""
    return Contract(
        plans=(
            plan("A", "8000", JULY, deleted),
            plan("B", "11000", date(2025, 8, 15), SEPTEMBER_END, 10),
            plan("Opció", "1500", date(2025, 8, 15), SEPTEMBER_END),
        ),
        usage=(Used("data", Decimal(1), date(2025, 8, 20)), Used("premium", Decimal(2), date(2025, 8, 3))),
        one_offs=(
            OneOff("SIM-csere", Decimal(2000), date(2025, 8, 16)),
            OneOff("Egyedi megállapodás", Decimal(-500), date(2025, 8, 31)),
        ),
    )


PREMIUM = (Used("premium", Decimal(2), date(2025, 8, 3)), Used("call", Decimal(40), date(2025, 8, 5)))
LATE_ROAMING = (Used("roaming", Decimal(2), date(2025, 7, 28), arrived_on=date(2025, 8, 9)),)
GO = plan("Go L", "8000", JULY, SEPTEMBER_END)
DOWNGRADED = (plan("Red XL", "30000", JULY, date(2025, 8, 5)), plan("Go S", "5000", date(2025, 8, 6), date(2025, 10, 31)))
PAID = {"2025-07": Pays("web", date(2025, 8, 6))}

ROLES: dict[str, Role[Contract]] = {
    "709900001": Role(
        "active on 12 June: 19/30 of June and July in advance, 16,595 Ft; 6.33 GB and 316 min 40 s included",
        Contract((plan("Go L", "8000", date(2025, 6, 12), date(2025, 7, 31)),)), date(2025, 6, 12), date(2025, 7, 31),
    ),
    "709900002": Role(
        "A until 14 August, B and an option from the 15th: 21,088 Ft",
        changed_in_august(deleted=date(2025, 8, 14)), JULY, SEPTEMBER_END, PAID,
    ),
    "709900003": Role(
        "the one-day trap: A until 15 August, B from 15 August; the day is paid twice",
        changed_in_august(deleted=date(2025, 8, 15)), JULY, SEPTEMBER_END, PAID,
    ),
    "709900004": Role(
        "cancelled on 10 September with 11,000 prepaid: −7,333.33 net, a credit balance of 9,313 Ft",
        Contract((plan("B", "11000", AUGUST, date(2025, 9, 10)),)), AUGUST, date(2025, 9, 10),
        {"2025-08": Pays("web", date(2025, 9, 4))},
    ),
    "709900005": Role("premium calls never draw on the allowance: 1,200 net", Contract((GO,), PREMIUM), JULY, SEPTEMBER_END, PAID),
    "709900006": Role("roaming of 28 July arrives on 9 August, marked late", Contract((GO,), LATE_ROAMING), JULY, SEPTEMBER_END, PAID),
    "709900007": Role("a credit lowers the next bill: August is below zero, September costs nothing", Contract(DOWNGRADED), JULY,
                      date(2025, 10, 31), PAID),
}  # fmt: skip
