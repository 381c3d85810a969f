"""A one-time code to the registered phone, and a new password with it (product.md §7; C6, C8, C9)."""

import re
from collections import Counter
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from unittest.mock import patch

import pytest
import time_machine
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import func, select
from werkzeug.test import TestResponse

from app import clock, db, throttle
from app.agents.model import Agent
from app.audit import AuditLine
from app.errors import Invalid, TooMany
from app.notifications.deliver_messages import Messenger, deliver_messages
from app.people import passwords
from app.people.add_person import add_person
from app.people.ask_password_code import ask_password_code
from app.people.devices import Visit
from app.people.model import Person
from app.people.send_password_codes import forget_password_codes
from app.people.set_password import WrongCode, set_password
from app.people.sign_in_model import PasswordCode
from tests.conftest import Database
from tests.logins.doors import NEW, asks_for_code, code_sent_to, codes_go_out, keys, messages, sets_password
from tests.logins.test_sign_in import sign_in, token_in
from tests.people import PASSWORD, Shop, hire, open_shop
from tests.sandbox_process import Sandbox, running_sandbox

HERE = Visit("192.0.2.7")


@pytest.fixture
def shop(app: Flask) -> Shop:
    return open_shop("1000001042")


@pytest.fixture
def sandbox(tmp_path: Path) -> Iterator[Sandbox]:
    with running_sandbox(tmp_path, subscribers=10) as running:
        yield running


def asked(phone: str, address: str = "192.0.2.7") -> str:
    """:returns: the token of the browser"""
    browser = ask_password_code(phone, address=address, now=clock.now())
    codes_go_out()
    return browser


def tries(browser: str, code: str, password: str = NEW) -> bool:
    try:
        set_password(browser, code, password, key=keys().codes, visit=HERE, now=clock.now())
    except WrongCode:
        return False
    return True


def another(code: str) -> str:
    return f"{(int(code) + 1) % 1_000_000:06d}"


def test_from_the_sign_in_page_to_a_new_password(client: FlaskClient, shop: Shop) -> None:
    phone = shop.owner.phone
    assert "/password-codes" in client.get("/session").get_data(as_text=True)
    assert asks_for_code(client, "0" + phone[3:]) == 303
    codes_go_out()
    assert sets_password(client, code_sent_to(phone))
    assert "/session" in client.get("/").headers["Location"]
    assert sign_in(client, phone, NEW) == 303
    assert client.get("/").status_code == 200


def test_the_old_password_and_all_sessions_are_dead_and_the_person_is_told(app: Flask, client: FlaskClient, shop: Shop) -> None:
    """C4"""
    phone, elsewhere = shop.owner.phone, app.test_client()
    sign_in(elsewhere, phone)
    answer = elsewhere.post("/api/v1/tokens", json={"phone": phone, "password": PASSWORD})
    asks_for_code(client, phone)
    codes_go_out()
    assert sets_password(client, code_sent_to(phone))
    assert elsewhere.get("/").status_code == 303
    assert elsewhere.get("/api/v1/me", headers={"Authorization": f"Bearer {answer.get_json()['token']}"}).status_code == 401
    sign_in(elsewhere, phone, PASSWORD)
    assert elsewhere.get("/").status_code == 303
    assert "değiştirildi" in messages(phone)[-1].body


def test_the_code_is_random_and_stands_nowhere_but_in_the_sms(shop: Shop, database: Database) -> None:
    """C8: in the database a keyed hash alone; no audit line, no other table has it"""
    asked(shop.owner.phone)
    code = code_sent_to(shop.owner.phone)
    with db.reading() as session:
        row = session.scalars(select(PasswordCode)).one()
        assert row.code_hash and code.encode() not in row.code_hash
        assert not [line for line in session.scalars(select(AuditLine)) if code in str(line.facts) + line.about]
    with patch("app.people.codes.secrets.randbelow", return_value=7):
        from app.people.codes import new_code

        assert new_code() == "000007"


def test_the_sms_is_emptied_once_it_is_sent(shop: Shop, database: Database, sandbox: Sandbox) -> None:
    """C8: staff with the outbox before them read nothing"""
    asked(shop.owner.phone)
    code = code_sent_to(shop.owner.phone)
    assert deliver_messages(Messenger(replace(database.config, sms_url=sandbox.sms_url)), now=clock.now()) == 1
    assert [message["text"] for message in sandbox.control.messages("sms", to=shop.owner.phone) if code in message["text"]]
    assert [message.body for message in messages(shop.owner.phone)] == [""]


def test_a_code_that_could_not_be_sent_in_time_leaves_the_outbox_too(shop: Shop, database: Database) -> None:
    asked(shop.owner.phone)
    later = clock.now() + timedelta(minutes=5, seconds=1)
    assert deliver_messages(Messenger(database.config), now=later) == 0
    (message,) = messages(shop.owner.phone)
    assert (message.body, message.next_try_at) == ("", None)
    assert message.given_up_at == later


def test_five_minutes_five_tries_one_use(shop: Shop) -> None:
    """C8"""
    phone, start = shop.owner.phone, clock.now()
    browser = asked(phone)
    code = code_sent_to(phone)
    for _ in range(5):
        assert not tries(browser, another(code))
    assert not tries(browser, code), "burnt"

    with time_machine.travel(start + timedelta(minutes=2)):
        browser = asked(phone)
    with time_machine.travel(start + timedelta(minutes=7, seconds=1)):
        assert not tries(browser, code_sent_to(phone)), "too old"

    with time_machine.travel(start + timedelta(minutes=8)):
        browser = asked(phone)
        code = code_sent_to(phone)
        assert tries(browser, code)
        assert not tries(browser, code), "used"


def test_a_new_code_ends_the_old_one(shop: Shop) -> None:
    phone = shop.owner.phone
    first = asked(phone)
    old = code_sent_to(phone)
    with time_machine.travel(clock.now() + timedelta(seconds=61)):
        second = asked(phone)
        assert not tries(first, old)
        assert tries(second, code_sent_to(phone))


def test_a_code_is_worth_nothing_in_another_browser_or_for_another_person(shop: Shop) -> None:
    """C8: bound to the session that asked"""
    other = open_shop()
    mine, theirs = asked(shop.owner.phone), asked(other.owner.phone)
    code = code_sent_to(shop.owner.phone)
    assert code != code_sent_to(other.owner.phone)
    assert not tries(theirs, code)
    assert not tries("stolen", code)
    assert tries(mine, code)


def test_a_hundred_parallel_guesses_count_as_a_hundred(shop: Shop) -> None:
    """C8: no more than five of them are compared, whatever the clock does"""
    browser = asked(shop.owner.phone)
    code = code_sent_to(shop.owner.phone)
    wrong = [f"{(int(code) + number) % 1_000_000:06d}" for number in range(1, 101)]
    with (
        patch("app.people.set_password.hmac.compare_digest", return_value=False) as compared,
        ThreadPoolExecutor(100) as pool,
    ):
        assert not any(pool.map(lambda guess: tries(browser, guess), wrong))
    assert compared.call_count == 5
    with db.reading() as session:
        assert session.scalars(select(PasswordCode.tries)).one() == 100
    assert not tries(browser, code)


def test_twenty_parallel_right_ones_set_one_password(shop: Shop) -> None:
    """C8: single use"""
    browser = asked(shop.owner.phone)
    code = code_sent_to(shop.owner.phone)
    with ThreadPoolExecutor(20) as pool:
        answers = Counter(pool.map(lambda number: tries(browser, code, f"{NEW}-{number}"), range(20)))
    assert answers[True] == 1


def test_fifty_guesses_in_any_day_however_many_codes(shop: Shop) -> None:
    """C8: 50 of 1,000,000 per account and day"""
    start, compared = clock.now(), 0
    with patch("app.people.set_password.hmac.compare_digest", return_value=False) as comparing:
        for minutes in range(0, 30 * 60, 13):
            with time_machine.travel(start + timedelta(minutes=minutes)):
                try:
                    browser = asked(shop.owner.phone, address=f"192.0.2.{minutes % 200}")
                except TooMany:
                    continue
                for _ in range(6):
                    tries(browser, "123456")
                if minutes < 24 * 60:
                    compared = comparing.call_count
    assert compared == 50
    assert comparing.call_count > 50, "the next day has guesses of its own"


def test_five_hundred_requests_for_one_number(shop: Shop) -> None:
    """C9: at most one in any minute, five in any hour, ten in any day, from however many addresses"""
    start, sent = clock.now(), []
    for number in range(500):
        now = start + timedelta(minutes=6, seconds=20) * number
        try:
            ask_password_code(shop.owner.phone, address=f"198.51.{number % 250}.{number // 250}", now=now)
        except TooMany as refused:
            assert refused.retry_after
            continue
        codes_go_out(now)
        sent.append(now)
    assert len(messages(shop.owner.phone)) == len(sent)
    for most, window in ((1, timedelta(minutes=1)), (5, timedelta(hours=1)), (10, timedelta(days=1))):
        assert max(sum(now <= other < now + window for other in sent) for now in sent) <= most
    assert len(sent) >= 20, "and the owner is not locked out for ever"


def test_a_flood_for_one_number_at_once_is_one_sms(shop: Shop) -> None:
    """C9: parallel ones are counted, too"""

    def ask(number: int) -> bool:
        try:
            ask_password_code(shop.owner.phone, address=f"198.51.100.{number}", now=clock.now())
        except TooMany:
            return False
        return True

    with ThreadPoolExecutor(20) as pool:
        assert sum(pool.map(ask, range(100))) == 1


def test_five_hundred_numbers_from_one_address_are_twenty(app: Flask, client: FlaskClient) -> None:
    """C9: on file or not; what the client says of itself (X-Forwarded-For) is not believed (C7)"""
    shops = [open_shop() for _ in range(25)]
    statuses: Counter[int] = Counter()
    token = token_in(client.get("/password-codes").get_data(as_text=True))
    for number in range(500):
        phone = shops[number].owner.phone if number < 25 else f"0539{number:07d}"
        headers = {"X-Forwarded-For": f"203.0.113.{number % 250}", "Forwarded": f"for=203.0.113.{number % 250}"}
        statuses[client.post("/password-codes", data={"csrf_token": token, "phone": phone}, headers=headers).status_code] += 1
    codes_go_out()
    assert statuses == {303: 20, 429: 480}
    assert len(messages()) == 20


def test_two_neighbours_in_an_ipv6_network_are_one_address(app: Flask) -> None:
    assert throttle.origin("2001:db8:1:2::7") == throttle.origin("2001:db8:1:2:ffff::1") != throttle.origin("2001:db8:1:3::7")
    assert throttle.origin("192.0.2.7") == "192.0.2.7"


def test_only_numbers_on_file_get_one(app: Flask, shop: Shop) -> None:
    """C9: foreign and premium numbers, a removed person, a closed agent, staff without a reset"""
    removed, closed, approver = hire("cashier", shop=shop), open_shop(), hire("approver")
    with db.transaction() as session:
        person = session.get_one(Person, removed.id)
        person.removed_at, person.removed_by = clock.now(), "test"
        session.get_one(Agent, closed.number).state = "closed"
    for address, phone in enumerate((removed.phone, closed.owner.phone, approver.phone, "+19005551234", "05399999999", "no number", "")):
        asked(phone, address=f"192.0.2.{address}")
    assert messages() == []


def test_same_answer_and_same_work_for_known_and_unknown(app: Flask, shop: Shop) -> None:
    """C6: status, body, headers and cookies alike; nothing is looked up before the answer, so that the time is alike as well"""
    answers = []
    for phone in (shop.owner.phone, "05399999999"):
        client = app.test_client()
        token = token_in(client.get("/password-codes").get_data(as_text=True))
        with patch("app.people.ask_password_code.db.reading", side_effect=AssertionError("somebody looks")):
            asking = client.post("/password-codes", data={"csrf_token": token, "phone": phone})
        codes_go_out()
        token = token_in(client.get("/password").get_data(as_text=True))
        guessing = client.post("/password", data={"csrf_token": token, "code": "000000", "password": NEW})
        page = client.get("/password")
        answers.append([plain(one) for one in (asking, guessing, page)])
    assert answers[0] == answers[1]
    assert 'role="alert"' in answers[0][2]
    with db.reading() as session:
        assert session.scalar(select(func.count()).select_from(PasswordCode)) == 2


def plain(answer: TestResponse) -> str:
    """Without what is random in every answer."""
    text = f"{answer.status_code} {sorted(answer.headers)} {answer.get_data(as_text=True)}"
    return re.sub(r'R-[0-9A-F]{8}|value="[^"]+"|nonce[-=]"?[^"\' ]+|gise_\w+=[^;]+|Content-Length[^)]*', "", text)


def test_known_and_unknown_are_refused_alike_by_the_limits(app: Flask, shop: Shop) -> None:
    """C6, C10: 429 with Retry-After and the sentence"""
    seen = []
    for phone in (shop.owner.phone, "05399999999"):
        client = app.test_client()
        asks_for_code(client, phone)
        token = token_in(client.get("/password-codes").get_data(as_text=True))
        answer = client.post("/password-codes", data={"csrf_token": token, "phone": phone})
        assert "dakika" in answer.get_data(as_text=True)
        seen.append((answer.status_code, answer.headers["Retry-After"]))
    assert [status for status, _ in seen] == [429, 429]
    assert all(50 < int(wait) <= 60 for _, wait in seen)


def test_a_new_login_without_a_password_gets_its_first_one(app: Flask, client: FlaskClient, shop: Shop) -> None:
    """Nothing opens it before; and the answer takes as long as for anybody else (C6)"""
    with db.transaction() as session:
        agent = session.get_one(Agent, shop.number)
        person = add_person(
            session, agent=agent, role="cashier", name="Can", phone="05351112233", password=None, by="test", now=clock.now()
        )
    with patch("app.people.passwords._hasher") as hasher:
        hasher.verify.return_value = True
        assert not passwords.is_right("!", person.password_hash)
        assert hasher.verify.call_args.args[0] == passwords._nobodys
    asks_for_code(client, "05351112233")
    codes_go_out()
    assert sets_password(client, code_sent_to(person.phone))
    assert sign_in(client, "05351112233", NEW) == 303
    assert client.get("/").status_code == 200


@pytest.mark.parametrize(
    "password", ["short-one", "0532 123 45 67x", "+905321234567", "Qwertyuiop", "1234567890", "fenerbahce", "aaaaaaaaaaab", "x" * 201]
)
def test_passwords_that_others_would_try_first(app: Flask, password: str) -> None:
    with pytest.raises(Invalid):
        passwords.check(password, phones=["+905321234567"])


def test_a_password_that_is_not_taken_costs_no_try(shop: Shop) -> None:
    browser = asked(shop.owner.phone)
    for _ in range(6):
        with pytest.raises(Invalid):
            tries(browser, "000000", "1234567890")
    assert tries(browser, code_sent_to(shop.owner.phone))


def test_who_is_removed_between_code_and_password_stays_out(shop: Shop) -> None:
    """C2"""
    browser = asked(shop.owner.phone)
    with db.transaction() as session:
        person = session.get_one(Person, shop.owner.id)
        person.removed_at, person.removed_by = clock.now(), "test"
    assert not tries(browser, code_sent_to(shop.owner.phone))


def test_who_lost_the_number_to_guessers_comes_in_by_sms(app: Flask, client: FlaskClient, shop: Shop) -> None:
    """C7: the browser in which the new password was set is known from then on"""
    for _ in range(11):
        sign_in(app.test_client(), shop.owner.phone, "wrong-password")
    asks_for_code(client, shop.owner.phone)
    codes_go_out()
    assert sets_password(client, code_sent_to(shop.owner.phone))
    sign_in(client, shop.owner.phone, NEW)
    assert client.get("/").status_code == 200


def test_what_was_asked_for_is_forgotten(shop: Shop) -> None:
    asked(shop.owner.phone)
    forget_password_codes(clock.now() + timedelta(days=1))
    with db.reading() as session:
        assert session.scalar(select(func.count()).select_from(PasswordCode)) == 1
    forget_password_codes(clock.now() + timedelta(days=3))
    with db.reading() as session:
        assert session.scalar(select(func.count()).select_from(PasswordCode)) == 0
