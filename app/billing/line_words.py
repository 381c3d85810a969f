"""Each rule in words with a line's own numbers: how the carrier came to the amount."""

from collections.abc import Callable
from datetime import timedelta
from decimal import Decimal

from app.billing.bill import Line, Section
from app.billing.rules import FOUR, NotComputable, exact, number
from app.billing.sentence import Price, Quantity, Rounded, Sentence
from app.errors import N_
from app.money import Money, round_to_money

LONGEST = 60  # of an input that only explains
MOST, FINEST = Decimal(10) ** 13, -12


def how(line: Line) -> Sentence:
    """
    The line's rule with its numbers and what they make, whatever the carrier printed as amount.

    :raises NotComputable: naming the rule or the input
    """
    value = exact(line.rule, line.inputs)
    return HOW[line.rule](line, Rounded(value, round_to_money(value, line.amount.currency)))


def why_not(line: Line, missing: str) -> Sentence:
    """Said honestly: nobody here can compute it again."""
    if not line.rule:
        return Sentence.of(N_("The biller tells no rule for this line. Its amount is taken as printed; the sums are checked."))
    if missing == line.rule[:LONGEST] and line.rule not in HOW:
        return Sentence.of(
            N_("The biller's rule “{rule}” is not known here. Its amount is taken as printed; the sums are checked."), rule=missing
        )
    return Sentence.of(
        N_("The biller's numbers for this line cannot be read ({what}). Its amount is taken as printed; the sums are checked."),
        what=missing,
    )


def told(line: Line, name: str) -> Decimal:
    """An input that people read: nothing that would fill a page."""
    try:
        value = number(line.inputs, name)
    except (KeyError, ArithmeticError) as error:
        raise NotComputable(name) from error
    if not value.is_finite() or abs(value) >= MOST or int(value.as_tuple().exponent) < FINEST:
        raise NotComputable(name)
    return value


def word(line: Line, name: str) -> str:
    text = line.inputs.get(name, "")
    if not text or len(text) > LONGEST:
        raise NotComputable(name)
    return text


def price(line: Line, name: str) -> Price:
    return Price(told(line, name), line.amount.currency)


def amount(line: Line, name: str) -> Money:
    return round_to_money(told(line, name), line.amount.currency)


def whole_fee(line: Line, result: Rounded) -> Sentence:
    return Sentence.of(N_("The whole fee of a period: {result}."), result=Rounded(told(line, "fee"), result.amount))


def fee_by_days(line: Line, result: Rounded) -> Sentence:
    say = N_("{fee} × {days} of {of} days = {result}.")
    return Sentence.of(say, fee=price(line, "fee"), days=told(line, "days"), of=told(line, "of"), result=result)


def credit_by_days(line: Line, result: Rounded) -> Sentence:
    say = N_("Credit for what was paid in advance: {fee} × {days} of {of} days = {result}.")
    return Sentence.of(say, fee=price(line, "fee"), days=told(line, "days"), of=told(line, "of"), result=result)


def included(line: Line, _result: Rounded) -> Sentence:
    days, of = told(line, "days"), told(line, "of")
    allowance = Quantity(told(line, "allowance"), line.unit)
    if days == of:
        return Sentence.of(N_("{allowance}, paid for with the fee."), allowance=allowance)
    part = Quantity((allowance.value * days / of).quantize(FOUR) if of else Decimal(0), line.unit)
    say = N_("{allowance} × {days} of {of} days = {part}, paid for with the fee.")
    return Sentence.of(say, allowance=allowance, days=days, of=of, part=part)


def within_allowance(line: Line, _result: Rounded) -> Sentence:
    used, free = told(line, "used"), told(line, "allowance")
    if used > free:
        say = N_("The allowance of {free} is used up; what goes beyond it stands on its own line.")
        return Sentence.of(say, free=Quantity(free, line.unit))
    say = N_("{used} of {free} used, nothing to pay; {left} left.")
    return Sentence.of(say, used=Quantity(used, line.unit), free=Quantity(free, line.unit), left=Quantity(free - used, line.unit))


def beyond_allowance(line: Line, result: Rounded) -> Sentence:
    say = N_("({used} used − {free} free) × {unit_price} = {result}.")
    used, free = Quantity(told(line, "used"), line.unit), Quantity(told(line, "allowance"), line.unit)
    return Sentence.of(say, used=used, free=free, unit_price=price(line, "unit_price"), result=result)


def per_unit(line: Line, result: Rounded) -> Sentence:
    say = N_("{quantity} × {unit_price} = {result}.")
    return Sentence.of(say, quantity=Quantity(told(line, "quantity"), line.unit), unit_price=price(line, "unit_price"), result=result)


def one_off(_line: Line, result: Rounded) -> Sentence:
    if result.amount.minor < 0:
        return Sentence.of(N_("A single credit: {result}."), result=result)
    return Sentence.of(N_("A single charge: {result}."), result=result)


def instalment(line: Line, result: Rounded) -> Sentence:
    say = N_("Instalment {number} of {of}: {result}. Instalments are whole, never by days.")
    return Sentence.of(say, number=word(line, "number"), of=word(line, "of"), result=result)


def instalment_moved(line: Line, _result: Rounded) -> Sentence:
    say = N_(
        "Instalment {number} of {of} is moved to the next charge date: one was charged in {month} already, and two never fall in one month."
    )
    return Sentence.of(say, number=word(line, "number"), of=word(line, "of"), month=word(line, "month"))


def percent(line: Line, result: Rounded) -> Sentence:
    base, rate = amount(line, "base"), told(line, "percent")
    say = N_("{base} × {percent} % = {result}.") if rate >= 0 else N_("−{base} × {percent} % = {result}.")
    return Sentence.of(say, base=base, percent=abs(rate), result=result)


def past_due(line: Line, result: Rounded) -> Sentence:
    say = N_("Still open of bill {bill}: {result}. Paying this bill closes that one; it is never taken twice.")
    return Sentence.of(say, bill=word(line, "bill"), result=result)


def late_fee(line: Line, result: Rounded) -> Sentence:
    say = N_("{debt} × {percent} % a month × {days} of {of} days = {result}.")
    debt, rate = amount(line, "debt"), told(line, "percent")
    return Sentence.of(say, debt=debt, percent=rate, days=told(line, "days"), of=told(line, "of"), result=result)


def to_whole_unit(line: Line, result: Rounded) -> Sentence:
    say = N_("{total} is rounded to a whole amount: {result}.")
    return Sentence.of(say, total=amount(line, "total"), result=result)


def as_told(_line: Line, result: Rounded) -> Sentence:
    return Sentence.of(N_("The biller asks for {result}."), result=result)


HOW: dict[str, Callable[[Line, Rounded], Sentence]] = {
    "whole-fee": whole_fee,
    "fee-by-days": fee_by_days,
    "credit-by-days": credit_by_days,
    "included": included,
    "within-allowance": within_allowance,
    "beyond-allowance": beyond_allowance,
    "per-unit": per_unit,
    "one-off": one_off,
    "instalment": instalment,
    "instalment-moved": instalment_moved,
    "percent": percent,
    "past-due": past_due,
    "late-fee": late_fee,
    "to-whole-unit": to_whole_unit,
    "as-told": as_told,
}


def remarks(line: Line, section: Section) -> list[Sentence]:
    """What a customer asks next about this line."""
    said: list[Sentence] = []
    if line.rule == "credit-by-days" and line.first_day:
        deleted = line.first_day - timedelta(days=1)
        say = N_("Deleted on {deleted}, still paid for that day: the credit runs from the day after deletion, {first}.")
        said.append(Sentence.of(say, deleted=deleted, first=line.first_day))
        if told(line, "fee") * told(line, "days") > told(line, "billed") * told(line, "of"):
            said.append(Sentence.of(N_("A credit is never more than what was billed: {billed}."), billed=price(line, "billed")))
        if any(other.rule in ("fee-by-days", "whole-fee") and other.first_day == deleted for other in section.lines):
            say = N_(
                "The old plan was deleted and the new one activated on the same day, {day}: the credit starts on {next}, the new plan on "
                "{day}. That day is paid twice, exactly as the biller's rules say."
            )
            said.append(Sentence.of(say, day=deleted, next=line.first_day))
    if line.rule == "per-unit" and line.quantity is not None and line.unit_price is not None and rounding_each_differs(line):
        said.append(Sentence.of(N_("The line is rounded once. Rounding each unit would make another amount.")))
    return said


def rounding_each_differs(line: Line) -> bool:
    """Of whole pieces: seven inquiries at 0.0236 are 0.17 together and 0.14 one by one."""
    pieces, each = told(line, "quantity"), round_to_money(told(line, "unit_price"), line.amount.currency)
    return line.unit == "sms" and pieces == pieces.to_integral_value() and each.minor * int(pieces) != line.amount.minor
