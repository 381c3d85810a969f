"""What the tests of this folder do at the doors."""

import re
from datetime import datetime

from flask.testing import FlaskClient
from sqlalchemy import select

from app import clock, db
from app.config import Config
from app.notifications.model import Message
from app.people.codes import Keys
from app.people.send_password_codes import send_password_codes
from tests.logins.test_sign_in import token_in

NEW = "leylek-havada-42"


def keys() -> Keys:
    return Keys.of(Config.from_environment({"GISE_ENV": "development", "GISE_DATABASE_URL": "postgresql://nobody@localhost/x"}))


def post(client: FlaskClient, page: str, address: str, **fields: str) -> int:
    """The form of ``page`` is sent to ``address``."""
    token = token_in(client.get(page).get_data(as_text=True))
    return client.post(address, data={"csrf_token": token} | fields).status_code


def asks_for_code(client: FlaskClient, phone: str) -> int:
    return post(client, "/password-codes", "/password-codes", phone=phone)


def codes_go_out(now: datetime | None = None) -> None:
    send_password_codes(keys().codes, now=now or clock.now())


def messages(to: str | None = None) -> list[Message]:
    with db.reading() as session:
        question = select(Message).order_by(Message.id)
        return list(session.scalars(question.filter_by(recipient=to) if to else question))


def code_sent_to(phone: str) -> str:
    """The newest, as its owner reads it."""
    codes = [match[0] for message in messages(phone) if (match := re.search(r"\b[0-9]{6}\b", message.body)) and message.secret_until]
    return codes[-1]


def sets_password(client: FlaskClient, code: str, password: str = NEW) -> bool:
    """:returns: whether it was taken"""
    token = token_in(client.get("/password").get_data(as_text=True))
    answer = client.post("/password", data={"csrf_token": token, "code": code, "password": password})
    return answer.status_code == 303 and answer.headers["Location"] == "/session"
