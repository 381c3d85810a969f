"""An owner who wants it is told when the money is on the balance: written in the crediting transaction, in the own language."""

from unittest.mock import patch

import pytest
from flask import Flask
from sqlalchemy import select

from app import clock, db
from app.bank import credit_deposits as crediting
from app.bank.assign_deposit import assign_deposit, reassign_deposit
from app.bank.tell_credited import choose_notices, notices_of
from app.errors import Invalid
from app.notifications.model import Message
from tests.bank.bank import books, deposit, phone, transfer
from tests.bank.test_pages import page, send
from tests.logins.test_sign_in import sign_in
from tests.people import Shop, hire


def wants(shop: Shop, *, sms: bool = True, mail: str = "") -> None:
    with db.transaction() as session:
        choose_notices(session, shop.owner.id, sms=sms, mail=mail, by=shop.by, now=clock.now())


def messages() -> list[Message]:
    with db.reading() as session:
        return list(session.scalars(select(Message).order_by(Message.id)))


def test_nobody_is_told_who_did_not_ask(shop: Shop) -> None:
    books(transfer("500.00", phone(shop)))
    assert messages() == []


def test_by_sms_and_mail_in_the_owners_language(shop: Shop) -> None:
    wants(shop, mail="ayse@dukkan.example")
    books(transfer("500.00", phone(shop)))
    sms, mail = messages()
    assert (sms.channel, sms.recipient) == ("sms", shop.owner.phone)
    assert (mail.channel, mail.recipient) == ("mail", "ayse@dukkan.example")
    assert sms.body == mail.body
    said = sms.body.replace("\u00a0", " ")
    assert said == f"500,00 TL tutarındaki havaleniz bakiyenizde (yükleme {deposit().reference}). Bakiyeniz şimdi 500,00 TL."
    assert "500,00" in mail.subject


def test_assigned_by_hand_and_moved_each_owner_is_told_once(shop: Shop, other: Shop) -> None:
    """E26"""
    wants(shop)
    wants(other)
    books(transfer("500.00", "kim?"))
    for verb, agent in ((assign_deposit, shop.number), (reassign_deposit, other.number)):
        with db.transaction() as session:
            verb(session, deposit().reference, agent=agent, note="x", by="person:9", now=clock.now())
    assert [message.recipient for message in messages()] == [shop.owner.phone, other.owner.phone]


def test_a_credit_that_fails_tells_nobody(shop: Shop) -> None:
    """One transaction: both or neither"""
    wants(shop)
    with patch.object(crediting, "post_many", side_effect=SystemExit), pytest.raises(SystemExit):
        books(transfer("500.00", phone(shop)))
    assert messages() == []


def test_the_owner_chooses_on_the_top_ups_page(app: Flask, shop: Shop) -> None:
    client = app.test_client()
    assert sign_in(client, shop.owner.phone) == 303
    assert 'name="sms"' in page(client, "/top-ups")
    assert send(client, "/top-ups/notices", on="/top-ups", sms="y", mail="ayse@dukkan.example")[0] == 200
    with db.reading() as session:
        assert notices_of(session, shop.owner.id) == (True, "ayse@dukkan.example")
    assert "checked" in page(client, "/top-ups")
    assert send(client, "/top-ups/notices", on="/top-ups", mail="no address")[0] == 422
    assert send(client, "/top-ups/notices", on="/top-ups", mail="")[0] == 200
    with db.reading() as session:
        assert notices_of(session, shop.owner.id) == (False, "")


@pytest.mark.parametrize(
    "mail",
    ["ayse", "a b@c.example", "@c.example", "a@c", "a" * 250 + "@c.example", "a@c.example\nBcc: d@e.example", "a@[b.c", "a@b.c,d@e.f"],
)
def test_what_is_no_address_is_refused(shop: Shop, mail: str) -> None:
    with pytest.raises(Invalid):
        wants(shop, mail=mail)


def test_a_removed_owner_and_a_cashier_are_not_told(shop: Shop) -> None:
    cashier = hire("cashier", shop=shop)
    with db.transaction() as session:
        choose_notices(session, cashier.id, sms=True, mail="", by=shop.by, now=clock.now())
    books(transfer("500.00", phone(shop)))
    assert messages() == []
