"""
The chart: which accounts there are, and which moves each event allows. Any other move is refused,
here with a clear error and in the database by a CHECK (product.md §3).

An account is an address: ``agent:1000001042``, ``transit``, ``biller:millenicom``, ``bank:<iban>``,
``suspense``, ``commission:1000001042``, ``income:fees``, ``tax:bsmv``, ``cost:bank``.
"""

TRANSIT, SUSPENSE, FEES, BSMV, BANK_COSTS = "transit", "suspense", "income:fees", "tax:bsmv", "cost:bank"

ADDRESS = (
    "^(agent:[0-9]{10}|commission:[0-9]{10}|biller:[a-z0-9-]{2,40}|bank:[A-Z0-9]{8,34}|transit|suspense|income:fees|tax:bsmv|cost:bank)$"
)

# event -> allowed (kind of source, kind of target)
CHART: dict[str, frozenset[tuple[str, str]]] = {
    "deposit.credited": frozenset({("bank", "agent")}),
    "deposit.suspended": frozenset({("bank", "suspense")}),
    "deposit.assigned": frozenset({("suspense", "agent")}),
    "deposit.unassigned": frozenset({("agent", "suspense")}),
    "deposit.returned": frozenset({("suspense", "bank")}),
    "deposit.dismissed": frozenset({("suspense", "biller"), ("suspense", "bank"), ("suspense", "cost")}),
    "deposit.taken-back": frozenset({("agent", "bank"), ("suspense", "bank"), ("cost", "bank")}),
    "payment.reserved": frozenset({("agent", "transit")}),
    "payment.paid": frozenset({("transit", "biller"), ("transit", "income"), ("income", "commission"), ("income", "tax")}),
    "payment.refused": frozenset({("transit", "agent")}),
    "payment.cancelled": frozenset(
        {("biller", "transit"), ("income", "transit"), ("commission", "income"), ("tax", "income"), ("transit", "agent")}
    ),
    "payment.late-yes": frozenset({("agent", "biller")}),
    "payment.cancellation-not-made": frozenset({("agent", "biller")}),
    "settlement.paid": frozenset({("biller", "bank")}),
    "agent.paid-out": frozenset({("agent", "bank"), ("commission", "bank"), ("commission", "agent")}),
    "posting.manual": frozenset({("suspense", "agent"), ("agent", "suspense")}),
    "biller.refunded": frozenset({("bank", "biller"), ("biller", "bank")}),
    "biller.commission-paid": frozenset({("biller", "income")}),
    "bank.own-transfer": frozenset({("bank", "bank")}),
    "bank.charged": frozenset({("bank", "cost")}),
}


def agent_account(number: str) -> str:
    return f"agent:{number}"


def commission_account(number: str) -> str:
    return f"commission:{number}"


def biller_account(code: str) -> str:
    return f"biller:{code}"


def bank_account(iban: str) -> str:
    return f"bank:{iban}"


def kind(address: str) -> str:
    return address.partition(":")[0]


def words() -> list[str]:
    """Each allowed move as the database's CHECK spells it: ``payment.reserved agent transit``."""
    return sorted(f"{event} {source} {target}" for event, pairs in CHART.items() for source, target in pairs)
