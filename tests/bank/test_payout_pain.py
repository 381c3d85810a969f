"""A payout file is money: whatever names and sums there are, it follows the official schema, and its sums are its transfers'."""

from datetime import date, datetime
from functools import cache
from importlib.resources import files

import pytest
from hypothesis import given
from hypothesis import strategies as st
from lxml import etree

from app.bank.payouts.payout_pain import VERSIONS, payout_pain
from app.bank.payouts.payout_plan import Payout, Transfer, plain
from app.markets import MARKETS
from app.money import Money

SCHEMAS = files("sepaxml") / "schemas"  # as the registration authority of ISO 20022 publishes them
ACCOUNTS = {
    "TRY": ("TR330006100519786457841326", "TR760006200000012340000629"),
    "AZN": ("AZ21NABZ00000000137010001944", "AZ96AZEJ00000000001234567890"),
    "EUR": ("ES9121000418450200051332", "DE89370400440532013000"),
    "HUF": ("HU42117730161111101800000000", "HU93116000060000000012345676"),
}
LETTERS = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz/-?:().,'+ "  # what every SEPA bank takes


@cache
def schema(version: str) -> etree.XMLSchema:
    return etree.XMLSchema(etree.fromstring((SCHEMAS / f"{version}.xsd").read_bytes()))


def payout(currency: str, *transfers: tuple[int, str]) -> Payout:
    ours, theirs = ACCOUNTS[currency]
    zone = next(market.zone for market in MARKETS.values() if market.currency == currency)
    return Payout(
        reference="IADE-301231-2147483647",
        made_at=datetime(2030, 12, 31, 23, 59, 59, 999_999, tzinfo=zone),
        day=date(2030, 12, 31),
        iban=ours,
        bank="Liman Bankası",
        currency=currency,
        transfers=tuple(
            Transfer(reference=f"D30123100000{number:04d}", amount=Money(amount, currency), name=name, iban=theirs)
            for number, (amount, name) in enumerate(transfers)
        ),
    )


def written(payout: Payout, version: str) -> etree._Element:
    """As the bank reads it, after its schema has had nothing to say."""
    root = etree.fromstring(payout_pain(payout, version=version))
    schema(version).assertValid(root)
    return root


def texts(root: etree._Element, path: str) -> list[str]:
    space = str(etree.QName(root).namespace)
    return [str(found) for found in root.xpath(f"//p:{path.replace('/', '/p:')}/text()", namespaces={"p": space})]


@pytest.mark.parametrize("version", VERSIONS)
@pytest.mark.parametrize("currency", ACCOUNTS)
def test_it_follows_the_official_schema_in_every_market(currency: str, version: str) -> None:
    root = written(payout(currency, (50_000, "ŞÜKRÜ ÖZ & OĞLU"), (1, "Rəşad Əliyev"), (7_050, "Kovács Zsófia Űrhajós")), version)

    assert texts(root, "GrpHdr/NbOfTxs") == texts(root, "PmtInf/NbOfTxs") == ["3"]
    assert texts(root, "GrpHdr/CtrlSum") == texts(root, "PmtInf/CtrlSum") == ["570.51"]
    assert texts(root, "InstdAmt") == ["500.00", "0.01", "70.50"]
    assert {one.get("Ccy") for one in root.iter("{*}InstdAmt")} == {currency}
    assert texts(root, "DbtrAcct/Id/IBAN") == [ACCOUNTS[currency][0]]
    assert texts(root, "CdtrAcct/Id/IBAN") == [ACCOUNTS[currency][1]] * 3
    assert texts(root, "Cdtr/Nm") == ["SUKRU OZ + OGLU", "Resad Eliyev", "Kovacs Zsofia Urhajos"]
    assert texts(root, "RmtInf/Ustrd")[0] == "IADE D301231000000000"


@pytest.mark.parametrize("version", VERSIONS)
def test_who_bears_the_charges_is_sepas_rule_for_euro_and_shared_elsewhere(version: str) -> None:
    """SLEV means the rules of a service level: without one, a bank has nothing to follow"""
    euro, forint = written(payout("EUR", (100, "A")), version), written(payout("HUF", (100, "A")), version)
    assert (texts(euro, "SvcLvl/Cd"), texts(euro, "ChrgBr")) == (["SEPA"], ["SLEV"])
    assert (texts(forint, "SvcLvl/Cd"), texts(forint, "ChrgBr")) == ([], ["SHAR"])


@given(
    transfers=st.lists(st.tuples(st.integers(1, 10**13), st.text(max_size=200)), min_size=1, max_size=20),
    currency=st.sampled_from(sorted(ACCOUNTS)),
    version=st.sampled_from(VERSIONS),
)
def test_whatever_names_and_sums_there_are(transfers: list[tuple[int, str]], currency: str, version: str) -> None:
    root = written(payout(currency, *transfers), version)

    cents = sum(int(text.replace(".", "")) for text in texts(root, "InstdAmt"))
    assert cents == sum(amount for amount, _ in transfers) == int(texts(root, "PmtInf/CtrlSum")[0].replace(".", ""))
    for name in texts(root, "Cdtr/Nm"):
        assert 1 <= len(name) <= 70
        assert set(name) <= set(LETTERS)


@pytest.mark.parametrize(
    ("name", "shown"),
    [
        ("İĞDIR ÇAĞRI ŞENGÜL ığdır çağrı şengül", "IGDIR CAGRI SENGUL igdir cagri sengul"),
        ("Łukasz Đorđević & Søn", "Lukasz Dordevic + Son"),
        ("A" * 71, "A" * 70),
        ("Иван", "NOTPROVIDED"),
        ("", "NOTPROVIDED"),
    ],
)
def test_a_name_in_the_letters_that_every_bank_takes(name: str, shown: str) -> None:
    assert plain(name) == shown
