"""PostgreSQL restarts: nobody is left guessing, no page is a bare error."""

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import text

from app import db
from app.config import Config
from tests.conftest import Database
from tests.logins.test_sign_in import sign_in
from tests.people import PASSWORD, open_shop


@pytest.mark.parametrize("address", ["/", "/bills?subscriber=5300000001", "/payments"])
def test_a_page_says_try_again(client: FlaskClient, database: Database, address: str) -> None:
    shop = open_shop()
    sign_in(client, shop.owner.phone)
    take_away(database)
    answer = client.get(address)
    assert answer.status_code == 503
    assert answer.headers["Retry-After"]
    assert "nothing was lost" in answer.text or "kaybolmadı" in answer.text


def test_the_api_says_try_again(app: Flask, client: FlaskClient, database: Database) -> None:
    token = client.post("/api/v1/tokens", json={"phone": open_shop().owner.phone, "password": PASSWORD}).get_json()["token"]
    take_away(database)
    answer = client.get("/api/v1/payments", headers={"Authorization": f"Bearer {token}"})
    assert answer.status_code == 503
    assert answer.get_json()["type"].endswith("try-again")


def take_away(database: Database) -> None:
    """The product's connections lead nowhere from now on."""
    with db.reading() as session:
        session.execute(text("SELECT 1"))
    nowhere = Config.from_environment({"GISE_ENV": "development", "GISE_DATABASE_URL": "postgresql://gise@127.0.0.1:1/gise"})
    db.connect(nowhere)
