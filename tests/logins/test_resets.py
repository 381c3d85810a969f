"""Support lets somebody in anew: an identity check, a cooling time, notices, and two persons for the institution's own people."""

import re
from datetime import datetime, timedelta

import pytest
import time_machine
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select
from sqlalchemy.exc import IntegrityError

from app import clock, db
from app.audit import AuditLine
from app.errors import Invalid, NotAllowed, OwnRequest
from app.people import sessions
from app.people.add_person import add_person
from app.people.ask_password_code import ask_password_code
from app.people.cooling_time import set_cooling_time
from app.people.model import Person
from app.people.reset_login import (
    CoolingDown,
    ResetAlready,
    ResetOver,
    agree_to_reset,
    ask_reset,
    find_by_secret,
    stop_reset,
    take_second_factor_away,
)
from app.people.second_person import FirstCountsNoMore
from app.people.sign_in_model import LoginReset, SecondFactor
from tests.logins.doors import asks_for_code, code_sent_to, codes_go_out, messages, post, sets_password
from tests.logins.test_second_factor import Phone
from tests.logins.test_sign_in import sign_in
from tests.people import PASSWORD, Shop, hire, leaves, open_shop

NOON = datetime.fromisoformat("2030-06-03T12:00:10+03:00")
DAY = timedelta(hours=24)


@pytest.fixture
def shop(app: Flask) -> Shop:
    return open_shop("1000001042")


def by(person: Person) -> str:
    return f"person:{person.id}"


def stop_at(token: str) -> str:
    return f"https://gise.example/resets/stop/{token}"


def asks(person: Person, asker: Person, *, what: str = "password", now: datetime = NOON) -> int:
    with db.transaction() as session:
        checks = {"checked": ["call-back"], "note": "0532 … called back"}
        return ask_reset(session, person.id, what=what, **checks, by=by(asker), stop_at=stop_at, now=now).id  # type: ignore[arg-type]


def agrees(reset: int, person: Person, now: datetime = NOON) -> None:
    with db.transaction() as session:
        agree_to_reset(session, reset, by=by(person), stop_at=stop_at, now=now)


def gets_code(person: Person, now: datetime) -> bool:
    before = len(messages(person.phone))
    ask_password_code(person.phone, address=f"192.0.2.{now.minute}", now=now)
    codes_go_out(now)
    return len(messages(person.phone)) > before


def test_on_the_pages_with_the_notice_stopped_by_one_click(app: Flask, client: FlaskClient, shop: Shop) -> None:
    cashier = hire("cashier", shop=shop)
    sign_in(client, hire("support").phone)
    page = f"/persons/{cashier.id}/reset"
    assert post(client, page, page, what="password", note="arandı") == 422, "no identity check"
    assert post(client, page, page, what="password", checked="call-back") == 422, "no note"
    assert post(client, page, page, what="password", checked="call-back", note="arandı") == 303
    assert cashier.name in client.get("/resets").get_data(as_text=True)

    told = [message for message in messages() if "/resets/stop/" in message.body]
    assert {message.recipient for message in told} == {cashier.phone, shop.owner.phone}
    found = re.search(r"/resets/stop/\S+", told[0].body)
    assert found
    reader = app.test_client()
    assert reader.get(found[0]).status_code == 200
    with db.reading() as session:
        assert session.scalars(select(LoginReset.stopped_at)).one() is None, "a program that follows links stops nothing"
    assert post(reader, found[0], found[0]) == 303
    with db.reading() as session:
        assert session.scalars(select(LoginReset)).one().stopped_by == "notice"
    assert reader.post(found[0], data={}).status_code == 400
    assert client.get("/resets/stop/guessed").status_code == 404


def test_after_the_cooling_time_the_code_goes_to_the_mail_address_as_well(shop: Shop) -> None:
    """Somebody whose telephone is lost comes in by it"""
    with db.transaction() as session:
        session.get_one(Person, shop.owner.id).email = "ayse@dukkan.example"
    asks(shop.owner, hire("support"))
    for moment, mails in ((NOON + DAY - timedelta(minutes=1), 0), (NOON + DAY + timedelta(minutes=1), 1), (NOON + timedelta(days=9), 1)):
        assert gets_code(shop.owner, moment)
        assert len([message for message in messages("ayse@dukkan.example") if message.secret_until]) == mails


def test_a_staff_password_takes_two_and_their_time(app: Flask, client: FlaskClient) -> None:
    operator, support, approver = hire("operator"), hire("support"), hire("approver")
    with db.transaction() as session:
        token, _ = sessions.begin(session, operator, kind="browser", address="", now=NOON)
    reset = asks(operator, support)
    assert not gets_code(operator, NOON + 3 * DAY), "nobody has agreed"
    agrees(reset, approver, NOON + 3 * DAY)
    assert not gets_code(operator, NOON + 4 * DAY - timedelta(minutes=5))
    with time_machine.travel(NOON + 4 * DAY + timedelta(minutes=5)):
        asks_for_code(client, operator.phone)
        codes_go_out()
        assert sets_password(client, code_sent_to(operator.phone))
        assert sessions.find_actor(token, kind="browser", now=clock.now()) is None
    with time_machine.travel(NOON + 4 * DAY + timedelta(minutes=9)):
        assert not gets_code(operator, clock.now()), "it is used up"
    with db.reading() as session:
        events = session.scalars(select(AuditLine.event).filter_by(about=by(operator)).order_by(AuditLine.id)).all()
    assert [event for event in events if event.startswith(("reset", "password"))] == [
        "reset.asked", "reset.agreed", "password-code.sent", "password.set",
    ]  # fmt: skip


def test_never_oneself_never_the_asker_never_a_login_made_for_it(app: Flask) -> None:
    """C18: and the database says so, too"""
    operator, support, approver = hire("operator"), hire("approver"), hire("approver")
    with pytest.raises(OwnRequest):
        asks(support, support)
    reset = asks(operator, support)
    with db.transaction() as session:
        twin = add_person(session, agent=None, role="approver", name="X", phone="05351119988", password=PASSWORD, by=by(support), now=NOON)
    for second in (support, twin):
        with pytest.raises(OwnRequest):
            agrees(reset, second)
    own = asks(approver, support)
    with pytest.raises(OwnRequest):
        agrees(own, approver)
    for column, who in (("asked_by", by(operator)), ("seconded_by", by(operator)), ("seconded_by", by(support))):
        with pytest.raises(IntegrityError), db.transaction() as session:
            row = session.get_one(LoginReset, reset)
            setattr(row, column, who)
            if column == "seconded_by":
                row.seconded_at = row.ready_at = NOON
            session.flush()


def test_a_lost_device_takes_two_and_the_cooling_time(app: Flask, client: FlaskClient) -> None:
    operator, support, approver = hire("operator"), hire("support"), hire("approver")
    with pytest.raises(Invalid):
        asks(operator, support, what="second-factor")
    Phone(operator, now=NOON)
    reset = asks(operator, support, what="second-factor")

    def take(by_whom: Person, now: datetime) -> None:
        with db.transaction() as session:
            take_second_factor_away(session, reset, by=by(by_whom), now=now)

    with pytest.raises(CoolingDown):
        take(support, NOON + 5 * DAY)
    agrees(reset, approver)
    with pytest.raises(CoolingDown):
        take(support, NOON + DAY - timedelta(seconds=1))
    with pytest.raises(NotAllowed):
        take(operator, NOON + DAY)
    take(support, NOON + DAY)
    with db.reading() as session:
        assert session.get(SecondFactor, operator.id) is None
    with pytest.raises(ResetOver):
        take(support, NOON + DAY)
    assert "ikinci" in messages(operator.phone)[-1].body


def test_what_is_stopped_stays_stopped(shop: Shop) -> None:
    support = hire("support")
    asks(shop.owner, support)
    with pytest.raises(ResetAlready):
        asks(shop.owner, support)
    token = messages(shop.owner.phone)[-1].body.rpartition("/")[2]
    with db.transaction() as session:
        stop_reset(session, find_by_secret(session, token), by="notice", address="", now=NOON)
    with pytest.raises(ResetOver), db.transaction() as session:
        stop_reset(session, find_by_secret(session, token), by="notice", address="", now=NOON)
    asks(shop.owner, support, now=NOON + DAY)


def test_the_cooling_time_is_the_markets_own(app: Flask) -> None:
    with db.transaction() as session:
        set_cooling_time(session, market="ES", hours=72, valid_from=None, by="test", now=NOON)
        set_cooling_time(session, market="TR", hours=48, valid_from=NOON.date() + DAY, by="test", now=NOON)
    with pytest.raises(Invalid), db.transaction() as session:
        set_cooling_time(session, market="ES", hours=1, valid_from=NOON.date() - DAY, by="test", now=NOON)
    spanish, turkish, support = open_shop(market="ES"), open_shop(), hire("support")
    with db.reading() as session:
        hours = [session.get_one(LoginReset, asks(shop.owner, support)).hours for shop in (spanish, turkish)]
    assert hours == [72, 24]


def test_who_has_left_is_no_first_of_two(app: Flask) -> None:
    """C2, C18: rights count when it is decided"""
    support = hire("support")
    reset = asks(hire("operator"), support)
    leaves(by(support))
    with pytest.raises(FirstCountsNoMore):
        agrees(reset, hire("approver"))
