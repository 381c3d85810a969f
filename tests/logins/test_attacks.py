"""Who holds somebody's old telephone, open session or forgotten reset gets nothing by it."""

from datetime import timedelta

import pyotp
import pytest
from flask import Flask

from app import clock, db
from app.people import sessions
from app.people.change_phone import change_phone
from app.people.enrol_second_factor import begin_enrolment, confirm_enrolment
from app.people.prove_second_factor import has_second_factor
from app.people.reset_login import ResetTooOld, agree_to_reset, ask_reset, take_second_factor_away
from app.people.sign_in import SignInAgain
from tests.logins.doors import code_sent_to, keys
from tests.logins.test_forgotten_password import asked, tries
from tests.logins.test_second_factor import NOON, Phone
from tests.people import hire, open_shop


def test_a_code_on_the_old_telephone_opens_nothing_once_the_number_has_changed(app: Flask) -> None:
    owner = open_shop("1000001042").owner
    browser = asked(owner.phone)
    code = code_sent_to(owner.phone)
    with db.transaction() as session:
        change_phone(session, owner.id, phone="+905359998877", by="test", now=clock.now())
    assert not tries(browser, code)


def test_whoever_finds_a_session_open_sets_up_no_second_factor(app: Flask) -> None:
    """A person who signs in again does"""
    owner = open_shop("1000001042").owner
    later = NOON + timedelta(minutes=16)
    with db.transaction() as session:
        _, found = sessions.begin(session, owner, kind="browser", address="", now=NOON)
        _, fresh = sessions.begin(session, owner, kind="browser", address="", now=later)
        totp = pyotp.TOTP(begin_enrolment(session, owner.id, keys=keys(), now=later).secret)
    with pytest.raises(SignInAgain):
        confirm_enrolment(owner.id, totp.at(later), sign_in=found.id, keys=keys(), address="", now=later)
    assert not has_second_factor(owner.id)
    confirm_enrolment(owner.id, totp.at(later), sign_in=fresh.id, keys=keys(), address="", now=later)
    assert has_second_factor(owner.id)


def test_a_reset_that_was_forgotten_is_nobody_s_way_in(app: Flask) -> None:
    approver, support, second = hire("approver"), hire("support"), hire("approver")
    Phone(approver, now=NOON)
    with db.transaction() as session:
        reset = ask_reset(
            session, approver.id, what="second-factor", checked=["known-in-person"], note="lost", by=f"person:{support.id}",
            stop_at=str, now=NOON,
        )  # fmt: skip
        agreed = agree_to_reset(session, reset.id, by=f"person:{second.id}", stop_at=str, now=NOON)
        assert agreed.ready_at is not None
        late, number = agreed.ready_at + timedelta(days=7, seconds=1), reset.id
    with db.transaction() as session, pytest.raises(ResetTooOld):
        take_second_factor_away(session, number, by=f"person:{support.id}", now=late)
    assert has_second_factor(approver.id)
