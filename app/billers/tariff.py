"""Fee, share and tax of one payment: pure arithmetic over dated data (product.md §8)."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal

from app.money import Money

HUNDREDTHS_OF_A_PERCENT = 10_000


@dataclass(frozen=True)
class Charges:
    """
    :ivar fee: what the customer pays on top of the bill
    :ivar share: of the agent
    :ivar tax: BSMV on what the institution keeps of the fee
    """

    fee: Money
    share: Money
    tax: Money


def charges(amount: Money, *, fee: Sequence[Mapping[str, int]], share: Sequence[Mapping[str, int]], tax: int) -> Charges:
    """
    Each is rounded half-up once; what a split leaves over stays with the institution.

    :param fee: slabs in rising order of ``up_to`` (minor units; the last has none), each with ``flat`` (minor units),
        ``rate`` (hundredths of a percent), ``floor`` and ``ceiling`` (minor units); all optional
    :param tax: hundredths of a percent
    """
    fee_minor, share_minor = of_slab(amount.minor, fee), of_slab(amount.minor, share)
    kept = max(0, fee_minor - share_minor)
    return Charges(*(Money(minor, amount.currency) for minor in (fee_minor, share_minor, part(kept, tax))))


def of_slab(minor: int, slabs: Sequence[Mapping[str, int]]) -> int:
    for slab in slabs:
        if minor <= slab.get("up_to", minor):
            value = slab.get("flat", 0) + part(minor, slab.get("rate", 0))
            return min(max(value, slab.get("floor", 0)), slab.get("ceiling", max(value, slab.get("floor", 0))))
    return 0


def part(minor: int, rate: int) -> int:
    return int((Decimal(minor) * rate / HUNDREDTHS_OF_A_PERCENT).quantize(Decimal(1), ROUND_HALF_UP))
