"""Find persons as people call them."""

from sqlalchemy import ColumnElement, func, or_

from app.people.model import Person
from app.people.sign_in import readings
from app.text import search_key

TURKISH, PLAIN = "İIıŞşĞğÜüÖöÇçƏə", "iiissgguuooccee"


def is_called(text: str) -> ColumnElement[bool]:
    """
    A phone number, or a part of a name with either i. Removed persons too: what they did stays theirs.

    :returns: a condition on ``Person``
    """
    folded = func.lower(func.translate(Person.name, TURKISH, PLAIN))
    return or_(Person.phone.in_(readings(text)), folded.contains(search_key(text), autoescape=True))
