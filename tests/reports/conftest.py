"""A shop with some payments, an accountant who reads about them, and a day in October."""

from pathlib import Path

import pytest

from app import clock, db
from app.markets import INSTITUTION, MARKETS
from app.people.permissions import ROLES
from app.reports.catalogue import Asker
from app.reports.make_file import Made
from app.reports.write_file import write_file
from tests.conftest import Database
from tests.people import ScriptedBiller, Shop, open_biller, open_shop

KEY = b"the key of the tests"
EVER = {"from": "2020-01-01", "to": "2099-12-31"}


@pytest.fixture
def millenicom(database: Database) -> ScriptedBiller:
    return open_biller()


@pytest.fixture
def shop(database: Database) -> Shop:
    shop = open_shop("1000001042")
    shop.topped_up("5000.00")
    return shop


@pytest.fixture
def accountant(database: Database) -> Asker:
    return Asker("person:900", ROLES["accountant"], None, INSTITUTION, "en")


def owner_of(shop: Shop, *, language: str = "en") -> Asker:
    return Asker(shop.by, ROLES["owner"], shop.number, MARKETS["TR"], language)


def written(folder: Path, report: str, asker: Asker, *, format: str = "xlsx", **given: str) -> tuple[Path, Made]:
    """The file as the command line writes it, of all days unless some are given."""
    path = folder / f"{report}-{len(list(folder.iterdir()))}.{format}"
    return path, write_file(report, EVER | given, path, asker=asker, key=KEY, now=clock.now())


def count(table: str) -> int:
    with db.reading() as session:
        return int(session.connection().exec_driver_sql(f"SELECT count(*) FROM {table}").scalar_one())
