"""Every line keeps its rule and inputs, and gives the same amount again."""

import contextlib
from datetime import date
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.billing.carriers import azercell, masmovil, millenicom, vodafone_hu
from app.billing.draft import Draft, lines_of
from app.billing.period import Period, month_of
from app.billing.proration import Fee
from app.billing.rules import RULES, NotComputable, amount_of, exact
from app.billing.usage import Allowance, Charged, Used
from app.money import Money, total

DAYS = st.dates(date(2025, 1, 1), date(2025, 9, 30))
PRICES = st.integers(0, 10_000_000).map(lambda minor: Money(minor, "EUR").decimal)
USED = st.lists(
    st.builds(
        Used,
        st.sampled_from(["call", "data", "sms", "premium", "roaming", "abroad"]),
        st.integers(0, 10_000).map(lambda tenths: Decimal(tenths) / 10),
        DAYS,
        st.one_of(st.none(), DAYS),
    ),
    max_size=8,
)
ALLOWANCES = st.lists(
    st.builds(Allowance, st.sampled_from(["call", "data"]), st.just("free"), st.just("GB"), st.integers(0, 100).map(Decimal)), max_size=2
).map(tuple)


@st.composite
def fees(draw: st.DrawFn) -> tuple[Fee, ...]:
    made = []
    for place in range(draw(st.integers(1, 4))):
        first = draw(DAYS)
        last = draw(st.one_of(st.none(), st.dates(first, date(2025, 12, 31))))
        made.append(Fee(f"Fee {place}", draw(PRICES), first, last))
    return tuple(made)


@st.composite
def drafts(draw: st.DrawFn) -> Draft | None:
    """Any subscriber of any carrier, any cycle."""
    own, day = draw(fees()), draw(DAYS)
    usage, free = tuple(draw(USED)), draw(ALLOWANCES)
    match draw(st.sampled_from(["masmovil", "azercell", "millenicom", "vodafone-hu"])):
        case "masmovil":
            return masmovil.draft(masmovil.Contract(own, ((own[0].text, free),), usage), masmovil.CYCLES.of(day))
        case "azercell":
            times = draw(st.integers(0, 90))
            contract = azercell.Contract(own, ((own[0].text, free),), usage)
            return azercell.draft(contract, month_of(day), inquiries=[Charged(azercell.SMS_TEXT, azercell.SMS_INQUIRY, times)])
        case "millenicom":
            return millenicom.draft(millenicom.Contract(own, usage), month_of(day))
        case _:
            discount = Decimal(draw(st.integers(0, 100)))
            plans = tuple(vodafone_hu.Plan(fee, free, discount=discount) for fee in own)
            return vodafone_hu.draft(vodafone_hu.Contract(plans, usage, usage_discount=discount), month_of(day))


@given(drafts())
def test_sections_sum_to_the_total_for_any_subscriber(made: Draft | None) -> None:
    if made is None:
        return
    assert total((line.amount for line in lines_of(made.sections)), made.currency) == made.amount
    for section in made.sections:
        assert section.lines and section.amount == total((line.amount for line in section.lines), made.currency)
    if made.currency == "HUF":
        assert made.amount.minor % 100 == 0


@given(drafts())
def test_every_line_can_be_computed_again(made: Draft | None) -> None:
    for line in lines_of(made.sections) if made else []:
        assert amount_of(line.rule, line.inputs, made.currency if made else "") == line.amount
        assert all(isinstance(value, str) for value in line.inputs.values())


@pytest.mark.parametrize(
    ("rule", "inputs"),
    [
        ("no-such-rule", {}),
        ("whole-fee", {}),
        ("whole-fee", {"fee": "a"}),
        ("whole-fee", {"fee": "NaN"}),
        ("whole-fee", {"fee": "1e999"}),
        ("whole-fee", {"fee": "1" * 41}),
        ("fee-by-days", {"fee": "1", "days": "1", "of": "0"}),
        ("percent", {"base": "Infinity", "percent": "1"}),
        ("to-whole-unit", {"total": "sNaN"}),
    ],
)
def test_what_cannot_be_computed_is_said(rule: str, inputs: dict[str, str]) -> None:
    with pytest.raises(NotComputable):
        exact(rule, inputs)


@given(
    st.sampled_from(sorted(RULES)),
    st.dictionaries(
        st.sampled_from(
            ["fee", "days", "of", "billed", "quantity", "unit_price", "used", "allowance", "base", "percent", "debt", "total", "amount"]
        ),
        st.text(max_size=45),
    ),
)
def test_inputs_of_strangers_never_break_it(rule: str, inputs: dict[str, str]) -> None:
    with contextlib.suppress(NotComputable):
        assert exact(rule, inputs).is_finite()


def test_a_period_is_never_empty() -> None:
    with pytest.raises(ValueError, match="no period"):
        Period(date(2025, 5, 2), date(2025, 5, 1))
