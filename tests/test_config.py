"""Whom a shop calls comes from the environment: a market without a line shows none, a wrong line ends the start."""

from dataclasses import replace

import pytest
from flask import Flask

from app.config import CONTACTS_OF_THE_DEMO, BadSetting, Config, Contact
from app.markets import MARKETS
from app.web.parts import PLACE, part
from tests.home.test_queues import enter
from tests.people import open_shop

DEVELOPMENT = {"GISE_ENV": "development", "GISE_DATABASE_URL": "postgresql://gise@db/gise"}
PRODUCTION = DEVELOPMENT | {
    "GISE_ENV": "production",
    "GISE_SECRET_KEY": "x" * 40,
    "GISE_SCAN_KEY": "ZGV2ZWxvcG1lbnQgb25seSwgbmV2ZXIgYSBzZWNyZXQ=",
    "GISE_BILLERS_URL": "https://billers",
    "GISE_BANK_URL": "https://bank",
    "GISE_SMS_URL": "https://sms",
    "GISE_SMTP_URL": "smtps://mail",
    "GISE_IMAP_URL": "imaps://mail",
}


def test_the_demo_has_a_line_for_each_market_and_production_none_of_them() -> None:
    assert set(CONTACTS_OF_THE_DEMO) == set(MARKETS)
    assert set(Config.from_environment(DEVELOPMENT).contacts) == set(MARKETS)
    assert Config.from_environment(PRODUCTION).contacts == {}
    told = Config.from_environment(PRODUCTION | {"GISE_CONTACT_HU": "06 1 234 5678; help@pay.example; 08:00–18:00"})
    assert told.contacts == {"HU": Contact("06 1 234 5678", "help@pay.example", "08:00–18:00", "")}


@pytest.mark.parametrize(
    ("name", "text"),
    [("GISE_CONTACT_TR", "0850 123 45 67"), ("GISE_CONTACT_TR", "0850; nobody; 9–18"), ("GISE_CONTACT_DE", "030; a@b.example; 9–18")],
)
def test_a_line_that_cannot_be_read_ends_the_start_and_is_named(name: str, text: str) -> None:
    with pytest.raises(BadSetting, match=name):
        Config.from_environment(PRODUCTION | {name: text})


def test_our_mail_address_is_one_address() -> None:
    assert Config.from_environment(PRODUCTION | {"GISE_MAIL_FROM": "Fatura@Pay.Example"}).mail_from == "fatura@pay.example"
    for text in ("Gişe <gise@pay.example>", "pay.example", "a@b.example, c@d.example"):
        with pytest.raises(BadSetting, match="GISE_MAIL_FROM"):
            Config.from_environment(PRODUCTION | {"GISE_MAIL_FROM": text})


def test_without_a_line_the_pages_show_none(app: Flask, monkeypatch: pytest.MonkeyPatch) -> None:
    shop = enter(app, open_shop().owner)
    assert "Call us:" in shop.get("/help").get_data(as_text=True)
    monkeypatch.setitem(app.extensions[PLACE], Config, replace(part(Config, app=app), contacts={}))
    for address in ("/help", "/audit"):
        assert "Call us:" not in shop.get(address).get_data(as_text=True)
