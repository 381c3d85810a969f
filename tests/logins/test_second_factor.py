"""A second factor, showing it again before money moves, and the institution's people in production (product.md §7; C5, C8)."""

import re
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import datetime, timedelta
from unittest.mock import patch

import pyotp
import pytest
import time_machine
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select

from app import clock, db
from app.audit import AuditLine
from app.config import Config
from app.documents.seal import CannotOpen
from app.errors import TooMany
from app.people import sessions
from app.people.devices import Visit, has_shown_it
from app.people.enrol_second_factor import (
    EnrolledAlready,
    begin_enrolment,
    confirm_enrolment,
    enrolment_of,
    rewrap_second_factors,
)
from app.people.model import Person, SignIn
from app.people.permissions import ROLES
from app.people.prove_second_factor import WrongSecondFactor, prove
from app.people.sign_in_model import Device, RecoveryCode, SecondFactor
from app.people.step_up import ConfirmFirst, confirm, require_step_up
from app.web.parts import PLACE, part
from tests.logins.doors import keys, messages, post
from tests.logins.test_sign_in import sign_in, token_in
from tests.people import PASSWORD, hire, open_shop

NOON = datetime.fromisoformat("2030-06-03T12:00:10+03:00")


@pytest.fixture
def approver(app: Flask) -> Person:
    return hire("approver")


class Phone:
    """The telephone of somebody with an authenticator on it. :ivar codes: the recovery codes on paper"""

    def __init__(self, person: Person, *, now: datetime) -> None:
        self.person = person
        with db.transaction() as session:
            _, row = sessions.begin(session, person, kind="browser", address="", now=now)
            self.totp = pyotp.TOTP(begin_enrolment(session, person.id, keys=keys(), now=now).secret)
        self.codes = confirm_enrolment(person.id, self.code(now), sign_in=row.id, keys=keys(), address="", now=now)
        self.session = row.id

    def code(self, now: datetime) -> str:
        return self.totp.at(now)


def proves(person: Person, code: str, now: datetime, *, is_own: bool = False) -> bool:
    try:
        prove(person.id, code, keys=keys(), address="", is_own=is_own, now=now)
    except WrongSecondFactor:
        return False
    return True


def minutes(number: float) -> timedelta:
    return timedelta(minutes=number)


def test_set_up_on_the_page_then_asked_for_at_every_sign_in(app: Flask, client: FlaskClient, approver: Person) -> None:
    sign_in(client, approver.phone)
    assert post(client, "/second-factor", "/second-factor") == 303
    page = client.get("/second-factor").get_data(as_text=True)
    found = re.search(r'<code class="secret">([A-Z2-7]{32})</code>', page)
    assert found
    assert "<svg" in page
    totp = pyotp.TOTP(found[1])
    answer = client.post("/second-factor/confirmation", data={"csrf_token": token_in(page), "code": totp.at(clock.now())})
    assert len(re.findall(r"<li><code>[a-z2-9]{5}-[a-z2-9]{5}</code></li>", answer.get_data(as_text=True))) == 10
    assert "<code>" not in client.get("/second-factor").get_data(as_text=True), "shown once"

    other, later = app.test_client(), clock.now() + minutes(1)
    with time_machine.travel(later):
        sign_in(other, approver.phone)
        assert other.get("/").status_code == 303, "the password alone opens nothing"
        pending, before = other.get_cookie("gise_pending"), other.get_cookie("gise")
        assert pending and before is None
        assert post(other, "/session/code", "/session/code", code=totp.at(clock.now())) == 303
        assert other.get("/").status_code == 200
        cookie = other.get_cookie("gise")
        assert cookie and cookie.value != pending.value, "a new id (C4)"
    thief = app.test_client()
    thief.set_cookie("gise", pending.value)
    assert thief.get("/").status_code == 303


def test_a_program_sends_its_code_with_the_password(app: Flask, client: FlaskClient, approver: Person) -> None:
    now = clock.now()
    phone = Phone(approver, now=now)
    said = {"phone": approver.phone, "password": PASSWORD}
    answer = client.post("/api/v1/tokens", json=said)
    assert (answer.status_code, answer.get_json()["type"].rpartition("/")[2]) == (401, "code-needed")
    assert client.post("/api/v1/tokens", json=said | {"code": phone.code(now)}).status_code == 401, "used when it was set up"
    with time_machine.travel(now + minutes(1)):
        assert client.post("/api/v1/tokens", json=said | {"code": phone.code(clock.now())}).status_code == 201
        wrong = client.post("/api/v1/tokens", json=said | {"password": "wrong-password", "code": phone.code(clock.now())})
    assert wrong.get_json()["type"].rpartition("/")[2] == "wrong-password", "a code says nothing to who has no password"


def test_a_step_opens_once_and_never_backwards(approver: Person) -> None:
    phone = Phone(approver, now=NOON)
    later = NOON + minutes(2)
    assert proves(approver, phone.code(later), later)
    assert not proves(approver, phone.code(later), later), "the same one again"
    assert not proves(approver, phone.code(later - timedelta(seconds=30)), later), "one from before it"
    next_step = later + timedelta(seconds=30)
    assert proves(approver, phone.code(next_step), later), "the telephone's clock is half a minute ahead"
    assert not proves(approver, phone.code(later + minutes(2)), later + minutes(0.5)), "no further"


def test_one_code_shown_twenty_times_at_once_opens_once(approver: Person) -> None:
    phone, later = Phone(approver, now=NOON), NOON + minutes(2)
    with patch("app.people.prove_second_factor.FROM_ANYWHERE", ((100, 300),)), ThreadPoolExecutor(20) as pool:
        assert sum(pool.map(lambda _: proves(approver, phone.code(later), later), range(20))) == 1


def test_wrong_ones_are_bounded_in_any_five_minutes_and_any_day(approver: Person) -> None:
    """C8, trust.md "codes": three of a million are right at any moment, so sixteen a day from everywhere together"""
    phone, tried = Phone(approver, now=NOON), [0, 0]
    for number in range(400):
        now, is_own = NOON + minutes(2) + minutes(number * 3.5), number % 2 == 0
        try:
            assert not proves(approver, wrong(phone, now), now, is_own=is_own)
            tried[is_own] += number * 3.5 < 24 * 60
        except TooMany:
            continue
    assert tried == [10, 6]


def comes_in(client: FlaskClient, code: str) -> bool:
    post(client, "/session/code", "/session/code", code=code)
    return client.get("/").status_code == 200


def wrong(phone: Phone, now: datetime) -> str:
    around = {phone.code(now + timedelta(seconds=30 * off)) for off in (-1, 0, 1)}
    return next(code for code in ("000000", "000001", "000002", "000003") if code not in around)


def test_who_knows_the_password_locks_nobody_out_of_the_own_browser(app: Flask, client: FlaskClient, approver: Person) -> None:
    """C7, C8: the stranger's ten are used up; the person's browser has six of its own, and the person hears of it once a day"""
    phone, stranger, now = Phone(approver, now=NOON), app.test_client(), NOON + minutes(2)
    with time_machine.travel(now):
        sign_in(client, approver.phone)
        assert comes_in(client, phone.code(now)), "this browser is known from now on"
        client.post("/session/end", data={"csrf_token": token_in(client.get("/help").get_data(as_text=True))})
    for number in range(14):
        now = NOON + minutes(10 + number * 6)
        with time_machine.travel(now):
            sign_in(stranger, approver.phone)
            assert not comes_in(stranger, wrong(phone, now))
    told = [message.key for message in messages(approver.phone) if message.key.startswith("second-factor.wrong")]
    assert len(told) == 1
    with db.reading() as session:
        lines = session.scalars(select(AuditLine).filter_by(event="second-factor.refused")).all()
    assert [line.address for line in lines] == ["127.0.0.1"] * 10, "of fourteen the last four were not even looked at"

    now = NOON + minutes(100)
    with time_machine.travel(now):
        sign_in(stranger, approver.phone)
        assert not comes_in(stranger, phone.code(now)), "not even with the right one"
        client.delete_cookie("gise")
        sign_in(client, approver.phone)
        assert not comes_in(client, wrong(phone, now)), "the person mistypes"
        assert comes_in(client, phone.code(now))


def test_a_browser_known_by_the_password_alone_has_no_tries_of_its_own(app: Flask, client: FlaskClient, approver: Person) -> None:
    """Whoever knows the password could have made it known before there was a second factor"""
    sign_in(client, approver.phone)
    with db.reading() as session:
        device = session.scalars(select(Device)).one()
        cookie = client.get_cookie("gise_device")
        assert cookie
        visit = Visit("127.0.0.1", device=cookie.value)
        assert device.person_id == approver.id
        assert not has_shown_it(session, visit, approver.id)


def test_a_hundred_parallel_wrong_ones_are_five(approver: Person) -> None:
    Phone(approver, now=NOON)
    later = NOON + minutes(2)

    def tries(number: int) -> bool:
        try:
            proves(approver, f"{number:06d}", later)
        except TooMany:
            return False
        return True

    with patch("app.people.prove_second_factor.matching_step", return_value=None), ThreadPoolExecutor(50) as pool:
        assert sum(pool.map(tries, range(100))) == 5


def test_right_ones_cost_nothing(approver: Person) -> None:
    phone = Phone(approver, now=NOON)
    for number in range(1, 40):
        now = NOON + minutes(number)
        assert proves(approver, phone.code(now), now)


def test_a_recovery_code_opens_once_and_its_person_is_told(approver: Person) -> None:
    phone = Phone(approver, now=NOON)
    assert len(phone.codes) == len(set(phone.codes)) == 10
    assert proves(approver, f" {phone.codes[3].upper()} ", NOON + minutes(1))
    assert not proves(approver, phone.codes[3], NOON + minutes(2))
    assert any("9 kod" in message.body for message in messages(approver.phone))
    other = hire("approver")
    Phone(other, now=NOON)
    assert not proves(other, phone.codes[4], NOON + minutes(3)), "of one person alone"
    with db.reading() as session:
        hashes = session.scalars(select(RecoveryCode.code_hash)).all()
        audit = session.scalars(select(AuditLine).filter_by(event="recovery-code.used")).one()
    assert not any(code.encode() in made for code in phone.codes for made in hashes)
    assert phone.codes[3] not in str(audit.facts)


def test_the_secret_is_sealed_and_can_be_wrapped_by_a_new_key(approver: Person) -> None:
    """C26's way: the key is not in the database"""
    phone, ours = Phone(approver, now=NOON), keys()
    with db.reading() as session:
        factor = session.get_one(SecondFactor, approver.id)
    assert phone.totp.secret.encode() not in factor.sealed
    newer = replace(ours, seals=(b"n" * 32, *ours.seals))
    assert rewrap_second_factors(newer) == 1
    only_new = replace(ours, seals=(b"n" * 32,))
    prove(approver.id, phone.code(NOON + minutes(2)), keys=only_new, address="", is_own=False, now=NOON + minutes(2))
    with pytest.raises(CannotOpen):
        prove(approver.id, phone.code(NOON + minutes(4)), keys=ours, address="", is_own=False, now=NOON + minutes(4))


def test_it_is_set_up_once_and_not_replaced_by_a_thief(approver: Person) -> None:
    phone = Phone(approver, now=NOON)
    with pytest.raises(EnrolledAlready), db.transaction() as session:
        begin_enrolment(session, approver.id, keys=keys(), now=NOON)
    with pytest.raises(EnrolledAlready):
        confirm_enrolment(approver.id, phone.code(NOON + minutes(2)), sign_in=phone.session, keys=keys(), address="", now=NOON + minutes(2))
    with db.reading() as session:
        assert enrolment_of(session, approver.id, keys=keys()) is None


def test_setting_it_up_ends_the_sessions_begun_without_it(approver: Person) -> None:
    with db.transaction() as session:
        token, _ = sessions.begin(session, approver, kind="api", address="", now=NOON)
    assert sessions.find_actor(token, kind="api", now=NOON)
    Phone(approver, now=NOON)
    assert sessions.find_actor(token, kind="api", now=NOON) is None


def step_up(session_id: int, now: datetime) -> None:
    with db.reading() as session:
        require_step_up(session, sign_in=session_id, now=now)


def test_step_up_counts_for_five_minutes_in_this_session_alone(approver: Person) -> None:
    phone = Phone(approver, now=NOON)
    step_up(phone.session, NOON + minutes(5))
    with pytest.raises(ConfirmFirst):
        step_up(phone.session, NOON + minutes(5.1))
    with db.transaction() as session:
        _, elsewhere = sessions.begin(session, approver, kind="browser", address="", now=NOON)
    later = NOON + minutes(6)
    confirm(phone.session, approver.id, phone.code(later), keys=keys(), address="", now=later)
    step_up(phone.session, later + minutes(4))
    with pytest.raises(ConfirmFirst):
        step_up(elsewhere.id, later)


def test_who_has_no_second_factor_is_not_asked(approver: Person) -> None:
    """The demo has it off; in production nobody of the institution comes that far without one"""
    with db.transaction() as session:
        _, row = sessions.begin(session, approver, kind="browser", address="", now=NOON)
    step_up(row.id, NOON + minutes(60))


MONEY_DOORS = (
    "/cancellations/7/decision",
    "/cancellations/cases/7/decision",
    "/cases/7/decision",
    "/deposits/proposals/7/decision",
    "/returns/7/decision",
    "/returns/7/void",
    "/statements/7/release",
)


@pytest.mark.parametrize("address", MONEY_DOORS)
def test_each_door_of_money_asks_for_it(app: Flask, client: FlaskClient, approver: Person, address: str) -> None:
    """Pages: led to the code and back"""
    app.config["WTF_CSRF_ENABLED"] = False
    phone, now = Phone(approver, now=clock.now() - minutes(6)), clock.now()
    with db.transaction() as session:
        token, row = sessions.begin(session, approver, kind="browser", address="", now=now)
    client.set_cookie("gise", token)
    fields = {"granted": "yes", "note": "n", "answer": "a", "reason": "r", "seen": "x", "words": "w", "ready": ""}
    with patch("app.bank.queries.deposit_of_proposal", return_value="D1"):
        refused = client.post(address, data=fields, headers={"Referer": "http://localhost/cancellations?state=done"})
        assert refused.headers.get("Location") == "/session/confirmation?back=/cancellations?state%3Ddone"
        client.post(refused.headers["Location"], data={"code": phone.code(now)})
        with db.reading() as session:
            assert session.get_one(SignIn, row.id).confirmed_at
        assert client.post(address, data=fields).headers.get("Location") is None, "now it is the record that is missing"


@pytest.mark.parametrize("address", ["/api/v1/cancellations/7/decision", "/api/v1/deposits/D251122-X/decision"])
def test_the_api_takes_it_in_a_header(app: Flask, client: FlaskClient, approver: Person, address: str) -> None:
    phone, now = Phone(approver, now=clock.now() - minutes(6)), clock.now()
    with db.transaction() as session:
        token, _ = sessions.begin(session, approver, kind="api", address="", now=now)
    body = {"granted": True, "reason": "r"} | ({"version": "v"} if "deposits" in address else {})
    headers = {"Authorization": f"Bearer {token}"}

    def answer(**more: str) -> tuple[int, str]:
        said = client.post(address, json=body, headers=headers | more)
        return said.status_code, said.get_json()["type"].rpartition("/")[2]

    assert answer() == (403, "confirm-first")
    assert answer(**{"Confirmation-Code": "12"}) == (401, "wrong-second-factor")
    assert answer(**{"Confirmation-Code": phone.code(now)}) == (404, "not-found")
    assert answer() == (404, "not-found"), "it counts for five minutes"
    document = client.get("/api/v1/openapi.json").get_json()
    path = re.sub(r"/7/", "/{number}/", address.replace("D251122-X", "{reference}"))
    assert "Confirmation-Code" in str(document["paths"][path]["post"]["parameters"])


@pytest.mark.parametrize(
    "back",
    ["////e", "//e.example", "/%09/e", "/%5Ce", "/\\e", " //e", "%20//e", "https:e", "https://e.example/", "javascript:alert(1)", "/%2F/e",
     "/cancellations\r\nX: y", "/cancellations?a=\r\nX: y", "/no-such-page", "/static/gise.css", "/./", "/../", "x" * 1000],
)  # fmt: skip
def test_the_way_back_is_a_page_of_ours(app: Flask, client: FlaskClient, approver: Person, back: str) -> None:
    """C5"""
    app.config["WTF_CSRF_ENABLED"] = False
    phone, now = Phone(approver, now=clock.now() - minutes(6)), clock.now()
    with db.transaction() as session:
        token, _ = sessions.begin(session, approver, kind="browser", address="", now=now)
    client.set_cookie("gise", token)
    answer = client.post("/session/confirmation", query_string={"back": back}, data={"code": phone.code(now)})
    assert (answer.status_code, answer.headers["Location"]) == (303, "/")


STAFF = [role for role in ROLES if role not in ("owner", "cashier")]


@pytest.mark.parametrize("role", STAFF)
def test_in_production_staff_without_one_can_do_nothing_but_set_it_up(app: Flask, role: str) -> None:
    app.test_client_class = FlaskClient  # which is looked at elsewhere; here all pages are asked for with TLS
    person = hire(role)
    strict = replace(part(Config, app=app), env="production")
    with patch.dict(app.extensions[PLACE], {Config: strict}):
        client, now = app.test_client(), clock.now()
        with db.transaction() as session:
            token, row = sessions.begin(session, person, kind="browser", address="", now=now)
            program, _ = sessions.begin(session, person, kind="api", address="", now=now)
        client.set_cookie("__Host-gise", token, secure=True)
        https = "https://localhost"
        for page in ("/", "/payments", "/sessions", "/session/confirmation"):
            assert client.get(page, base_url=https).headers["Location"].startswith("/second-factor"), page
        answer = client.get("/api/v1/me", headers={"Authorization": f"Bearer {program}"}, base_url=https)
        assert (answer.status_code, answer.get_json()["type"].rpartition("/")[2]) == (403, "enrol-first")
        with db.transaction() as session:
            secret = begin_enrolment(session, person.id, keys=keys(), now=now).secret
        assert client.get("/second-factor", base_url=https).status_code == 200
        confirm_enrolment(person.id, pyotp.TOTP(secret).at(now), sign_in=row.id, keys=keys(), address="", now=now)
        assert client.get("/", base_url=https).status_code == 200


def test_in_production_a_shop_needs_none(app: Flask) -> None:
    shop = open_shop()
    with db.transaction() as session:
        token, _ = sessions.begin(session, shop.owner, kind="browser", address="", now=clock.now())
    actor = sessions.find_actor(token, kind="browser", now=clock.now(), staff_enrols=True)
    assert actor
    assert not actor.may_only_enrol
