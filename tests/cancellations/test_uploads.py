"""Files as an attacker names and packs them, through the page itself (C11)."""

import time

import pytest
from flask import Flask
from sqlalchemy import select

from app import db
from app.cancellations.model import Cancellation
from app.collections.model import Payment
from app.documents.model import Scan
from tests.cancellations.test_pages import Browser, complete, file, shown
from tests.documents.uploads import photo
from tests.people import Shop

NAMES = ["../../x", "..\\..\\x", "x%00.jpg", "x" * 5000 + ".jpg", "\u202egpj.exe", "con.jpg", "", 'a"b;c.jpg', "<img src=x>.jpg"]


@pytest.fixture
def counter(app: Flask, shop: Shop) -> Browser:
    return Browser(app, shop.owner.phone)


@pytest.mark.parametrize("name", NAMES)
def test_a_name_is_of_no_interest(counter: Browser, payment: Payment, name: str) -> None:
    """Whatever a file is called, its scan has a made-up name, and the given one lies nowhere"""
    answer = counter.send(
        f"/payments/{payment.reference}/cancellation", **complete(form=file(name=name or "x"), identity=file(name=name or "y"))
    )
    assert answer.status_code == 303, shown(answer)
    with db.reading() as session:
        scans = session.scalars(select(Scan)).all()
    assert len(scans) == 2
    assert all(len(scan.name) == 32 and scan.name.isalnum() for scan in scans)


def test_two_parts_of_the_same_name_are_refused(counter: Browser, payment: Payment) -> None:
    """Nobody guesses which one is meant"""
    answer = counter.send(f"/payments/{payment.reference}/cancellation", **complete(identity=[file(), file(name="other.jpg")]))
    assert answer.status_code == 422
    assert "One file is expected in this field, and two came." in shown(answer)


def test_ten_thousand_parts_are_refused_at_once(counter: Browser, payment: Payment) -> None:
    parts = b"".join(b'--x\r\nContent-Disposition: form-data; name="p%d"\r\n\r\nx\r\n' % number for number in range(10_000)) + b"--x--\r\n"
    counter.token()
    started = time.monotonic()
    answer = counter.client.post(f"/payments/{payment.reference}/cancellation", data=parts, content_type="multipart/form-data; boundary=x")
    assert answer.status_code == 413
    assert time.monotonic() - started < 5


def test_a_hundred_megabytes_are_refused_before_they_are_read(counter: Browser, payment: Payment) -> None:
    answer = counter.client.post(
        f"/payments/{payment.reference}/cancellation",
        data={"csrf_token": counter.token()},
        environ_overrides={"CONTENT_LENGTH": str(100 * 1024 * 1024)},
    )
    assert answer.status_code == 413
    with db.reading() as session:
        assert session.scalars(select(Cancellation)).all() == []


def test_real_scans_keep_nothing_but_pixels(counter: Browser, payment: Payment) -> None:
    """Through the page and the clean room: a picture with scripts behind its end is taken, and only its picture kept"""
    polyglot = photo() + b"<script>alert(1)</script>PK\x03\x04"
    answer = counter.send(f"/payments/{payment.reference}/cancellation", **complete(form=file(polyglot), identity=file(polyglot)))
    assert answer.status_code == 303, shown(answer)
    refused = counter.send(f"/payments/{payment.reference}/cancellation", **complete(form=file(b"GIF89a/*"), identity=file(polyglot)))
    assert refused.status_code == 422
    assert "neither a JPEG, PNG or HEIC picture nor a PDF" in shown(refused)
