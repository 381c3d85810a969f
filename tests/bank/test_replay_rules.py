"""``flask bank replay``: a change of rules can be looked at before it counts; nothing is changed by looking."""

from unittest.mock import patch

from flask import Flask
from flask.testing import FlaskCliRunner

from app import clock, db
from app.bank import reference
from app.bank.replay_rules import replay_rules
from app.remarks import Remark
from tests.bank.bank import CUSTOMER_IBAN, OTHER_IBAN, all_is_right, books, deposits, open_account, phone, states, transfer
from tests.bank.test_uploaded import uploaded
from tests.people import Shop, journal, open_biller


def test_nothing_differs_while_the_rules_stand(shop: Shop, other: Shop) -> None:
    """E1 … E28 as they came, whatever people decided since"""
    open_account(OTHER_IBAN)
    open_biller("azercell", ibans=[CUSTOMER_IBAN[:-1] + "1"])
    books(
        transfer("1.00", phone(shop)),
        transfer("2.00", "kim?"),
        transfer("3.00", f"{phone(shop)} {phone(other)}"),
        transfer("4.00", "kasa", iban=OTHER_IBAN),
        transfer("5.00", "mahsup", iban=CUSTOMER_IBAN[:-1] + "1"),
        transfer("6.00", phone(shop), status="PDNG"),
    )
    uploaded(transfer("50000.00", phone(other)))
    assert list(replay_rules(now=clock.now())) == []


def test_what_a_new_rule_would_do_is_told_and_not_done(app: Flask, shop: Shop) -> None:
    books(transfer("500.00", phone(shop)), transfer("7.00", "kim?"))
    before, stood = journal(), states()
    runner: FlaskCliRunner = app.test_cli_runner()
    with patch.object(reference, "doubt_about", lambda named, _market: Remark.of("Never by itself.") if named else None):
        result = runner.invoke(args=["bank", "replay"])
    assert result.exit_code == 0
    first, *rest = result.stdout.splitlines()
    assert first.startswith(f"{deposits()[0].reference}: then credited to {shop.number}; now it would be in suspense.")
    assert "Never by itself." in first
    assert rest == ["1 deposits would be judged differently today; none was changed.", "Nothing changed."]
    assert (journal(), states()) == (before, stood)
    assert all_is_right()


def test_many_are_looked_at_in_pieces(shop: Shop) -> None:
    with patch("app.bank.replay_rules.AT_ONCE", 3):
        books(*(transfer(f"{number}.00", phone(shop)) for number in range(1, 8)))
        with patch.object(reference, "doubt_about", lambda named, _market: Remark.of("No.") if named else None):
            assert len(list(replay_rules(now=clock.now()))) == 7
    with db.reading():
        assert set(states()) == {"credited"}
