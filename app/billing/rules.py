"""
Every rule by which a line gets its amount, by name. Carriers make lines with them, and whoever holds a line with its
``rule`` and ``inputs`` computes the amount again (``explain.py``).

Inputs are texts, as they travel: decimal numbers in major units, whole days. Each rule gives an exact amount in major
units; a line is rounded half-up once.
"""

from collections.abc import Callable, Mapping
from decimal import ROUND_HALF_UP, Decimal, InvalidOperation, localcontext

from app.billing.bill import Line
from app.billing.period import Period
from app.money import Money, round_to_money

Inputs = Mapping[str, str]
FOUR = Decimal("0.0001")


class NotComputable(ValueError):
    """The rule is not known here, or its inputs are not what it needs; the text says which."""


def exact(rule: str, inputs: Inputs) -> Decimal:
    """
    What the rule makes of its inputs, in major units, before rounding.

    :raises NotComputable: naming the rule or the input
    """
    if rule not in RULES:
        raise NotComputable(rule)
    try:
        with localcontext(prec=40):
            value = RULES[rule](inputs)
    except KeyError as error:
        raise NotComputable(str(error.args[0])) from error
    except (ArithmeticError, ValueError) as error:
        raise NotComputable(rule) from error
    if not value.is_finite() or abs(value) > Decimal(10) ** 13:
        raise NotComputable(rule)
    return value


def line(
    text: str,
    rule: str,
    inputs: Mapping[str, object],
    currency: str,
    *,
    during: Period | None = None,
    quantity: Decimal | None = None,
    unit: str = "",
    unit_price: Decimal | None = None,
) -> Line:
    """
    A line whose amount its rule has made.

    :param inputs: what the rule needs, and what only explains; kept as text
    """
    told = {name: str(value) for name, value in inputs.items()}
    return Line(
        text=text,
        amount=round_to_money(exact(rule, told), currency),
        first_day=during.first if during else None,
        last_day=during.last if during else None,
        quantity=quantity,
        unit=unit,
        unit_price=unit_price.quantize(FOUR) if unit_price is not None else None,
        rule=rule,
        inputs=told,
    )


def amount_of(rule: str, inputs: Inputs, currency: str) -> Money:
    """:raises NotComputable: …"""
    return round_to_money(exact(rule, inputs), currency)


def by_days(inputs: Inputs) -> Decimal:
    return number(inputs, "fee") * number(inputs, "days") / number(inputs, "of")


def credit_by_days(inputs: Inputs) -> Decimal:
    """Never more than was billed."""
    return -min(by_days(inputs), number(inputs, "billed"))


def per_unit(inputs: Inputs) -> Decimal:
    return number(inputs, "quantity") * number(inputs, "unit_price")


def beyond_allowance(inputs: Inputs) -> Decimal:
    return max(Decimal(0), number(inputs, "used") - number(inputs, "allowance")) * number(inputs, "unit_price")


def percent(inputs: Inputs) -> Decimal:
    return number(inputs, "base") * number(inputs, "percent") / 100


def late_fee(inputs: Inputs) -> Decimal:
    return number(inputs, "debt") * number(inputs, "percent") / 100 * number(inputs, "days") / number(inputs, "of")


def to_whole_unit(inputs: Inputs) -> Decimal:
    """What has to be added so that the total is a whole number of major units, half up."""
    total = number(inputs, "total")
    return total.quantize(Decimal(1), ROUND_HALF_UP) - total


def as_told(inputs: Inputs) -> Decimal:
    return number(inputs, "amount")


def nothing(_inputs: Inputs) -> Decimal:
    return Decimal(0)


def number(inputs: Inputs, name: str) -> Decimal:
    text = inputs[name]
    if len(text) > 40:
        raise InvalidOperation(name)
    return Decimal(text)


RULES: dict[str, Callable[[Inputs], Decimal]] = {
    "whole-fee": lambda inputs: number(inputs, "fee"),  # fee
    "fee-by-days": by_days,  # fee × days / of
    "credit-by-days": credit_by_days,  # −min(fee × days / of, billed)
    "included": nothing,  # allowance, days, of: what the fee pays for
    "within-allowance": nothing,  # used, allowance: free
    "beyond-allowance": beyond_allowance,  # (used − allowance) × unit_price
    "per-unit": per_unit,  # quantity × unit_price
    "one-off": as_told,  # amount: a service, an agreement, a device
    "instalment": as_told,  # amount, number, of
    "instalment-moved": nothing,  # number, of, month: already one in this calendar month
    "percent": percent,  # base × percent / 100: a tax, a discount
    "past-due": as_told,  # amount, bill
    "late-fee": late_fee,  # debt × percent / 100 × days / of
    "to-whole-unit": to_whole_unit,  # total
    "as-told": as_told,  # amount
}
