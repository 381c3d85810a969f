"""What the monitor and the load balancer ask."""

from flask import Flask
from flask.testing import FlaskClient

from tests.bank.bank import IBAN, books, open_account, transfer
from tests.people import UNKNOWN, open_biller, open_shop


def test_the_monitor_sees_what_is_unknown(client: FlaskClient) -> None:
    shop, biller = open_shop(), open_biller()
    shop.topped_up("10.00")
    biller.answers = [UNKNOWN]
    shop.pays(biller, biller.bill("1.00"))
    text = client.get("/metrics").get_data(as_text=True)
    assert 'gise_payments_pending{biller="millenicom"} 1.0' in text
    assert 'gise_payments_last_hour{biller="millenicom",state="pending"} 1.0' in text


def test_the_monitor_sees_unmatched_money_and_a_silent_bank(client: FlaskClient) -> None:
    open_account()
    books(transfer("1.00", "kira"), transfer("2.00", "aidat"))
    text = client.get("/metrics").get_data(as_text=True)
    assert 'gise_deposits_unmatched{currency="TRY"} 2.0' in text
    assert f'gise_bank_silence_seconds{{iban="{IBAN}"}}' in text


def test_strangers_see_no_metrics(app: Flask) -> None:
    assert app.test_client().get("/metrics", environ_base={"REMOTE_ADDR": "10.1.2.3"}).status_code == 404


def test_alive_and_ready(client: FlaskClient) -> None:
    assert client.get("/healthz").data == b"ok\n"
    assert client.get("/readyz").data == b"ready\n"
