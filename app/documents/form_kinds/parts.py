"""Of what a form consists, and how many boxes a number has in each market."""

from dataclasses import dataclass

# One box for each letter or digit, in the groups in which people there write them.
BOXES: dict[str, dict[str, tuple[int, ...]]] = {
    "date": {"TR": (2, 2, 4), "AZ": (2, 2, 4), "ES": (2, 2, 4), "HU": (4, 2, 2)},
    "agent": {"TR": (3, 3, 4), "AZ": (3, 3, 4), "ES": (3, 3, 4), "HU": (3, 3, 4)},
    "phone": {"TR": (3, 3, 4), "AZ": (2, 3, 4), "ES": (3, 3, 3), "HU": (2, 3, 4)},
    "iban": {"TR": (4, 4, 4, 4, 4, 4, 2), "AZ": (4,) * 7, "ES": (4,) * 6, "HU": (4,) * 7},
    "identity": {"TR": (11,), "AZ": (7,), "ES": (9,), "HU": (8,)},
    "tax": {"TR": (11,), "AZ": (10,), "ES": (9,), "HU": (8, 1, 2)},
}


@dataclass(frozen=True)
class Field:
    """
    Room for one value.

    :ivar name: under which the data hold it; :ivar boxes: a key of :data:`BOXES`, or empty for a line to write on
    :ivar longest: what is longer ends in an ellipsis: the paper has one page, the record on the screen all of it
    """

    name: str
    label: str
    boxes: str = ""
    longest: int = 120


@dataclass(frozen=True)
class Fields:
    title: str
    rows: tuple[tuple[Field, ...], ...]


@dataclass(frozen=True)
class Choices:
    """
    Boxes to tick.

    :ivar name: under which the data hold the name of the chosen one; :ivar more: a field below them
    """

    title: str
    name: str
    options: tuple[tuple[str, str], ...]
    more: Field | None = None


@dataclass(frozen=True)
class Changes:
    """Old beside new. The data hold them as ``name.old`` and ``name.new``; what has a new value is ticked."""

    title: str
    fields: tuple[Field, ...]


Section = Fields | Choices | Changes


@dataclass(frozen=True)
class Form:
    """
    One A4 page.

    :ivar kind: its template in ``forms_templates/``, its address under ``/forms``
    :ivar explanation: as are ``declaration`` and ``note`` a sentence that may mention values of the data, and ``days``
    :ivar sections: by the name under which the template places them
    :ivar enclosures: what has to come with it
    :ivar signatures: who signs, and what is written beside the signature
    """

    kind: str
    title: str
    explanation: str
    sections: dict[str, Section]
    declaration: str
    enclosures: tuple[str, ...]
    signatures: tuple[tuple[str, str], ...]
    note: str
