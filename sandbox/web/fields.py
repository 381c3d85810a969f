"""
What somebody sent, read field by field. Whatever is missing, of the wrong kind or unknown is refused by name.
"""

import json
import re
from collections.abc import Callable, Mapping
from datetime import UTC, date, datetime
from typing import Any, TypeVar

from app.money import LARGEST
from sandbox.web.message import Request

T = TypeVar("T")
V = TypeVar("V")

REQUIRED: Any = object()
EMAIL = re.compile(r"[A-Za-z0-9.!#$%&'*+/=?^_`{|}~-]{1,64}@[A-Za-z0-9-]+(\.[A-Za-z0-9-]+)*")
UNPRINTABLE = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\ud800-\udfff\ufffe\uffff]")


class Invalid(Exception):
    """:ivar field: which one; empty when the whole body is unreadable"""

    def __init__(self, field: str, title: str) -> None:
        super().__init__(f"{field}: {title}")
        self.field, self.title = field, title


class Fields:
    """
    The members of one JSON object, or of a query. Each is asked for once; :meth:`done` refuses the rest.

    A default makes a field optional; JSON's ``null`` counts as absent then.
    """

    def __init__(self, data: object, *, within: str = "", is_query: bool = False) -> None:
        if not isinstance(data, Mapping):
            raise Invalid(within.removesuffix("."), "A JSON object is expected.")
        self._data, self._within, self._is_query, self._asked = data, within, is_query, set[str]()

    @classmethod
    def of_body(cls, request: Request) -> "Fields":
        try:
            return cls(DECODER.decode(request.body.decode()))
        except (ValueError, RecursionError) as error:
            raise Invalid("", f"The body is no JSON: {error}." if request.body else "A JSON body is expected.") from error

    @classmethod
    def of_query(cls, request: Request) -> "Fields":
        return cls(request.query, is_query=True)

    def text(self, name: str, default: T = REQUIRED, *, longest: int = 200, may_be_empty: bool = False) -> str | T:
        def read(value: object) -> str:
            if not isinstance(value, str) or UNPRINTABLE.search(value):
                raise ValueError("A text is expected.")
            if len(value) > longest or not (value.strip() or may_be_empty):
                raise ValueError(f"A text of {0 if may_be_empty else 1} to {longest} characters is expected.")
            return value

        return self._read(name, default, read)

    def line(self, name: str, default: T = REQUIRED, *, longest: int = 200, may_be_empty: bool = False) -> str | T:
        """A text without line breaks."""
        value = self.text(name, default, longest=longest, may_be_empty=may_be_empty)
        if isinstance(value, str) and len(value.splitlines()) > 1:
            raise Invalid(self.named(name), "A text of one line is expected.")
        return value

    def email(self, name: str) -> str:
        value: str = self.line(name, longest=254)
        if not EMAIL.fullmatch(value):
            raise Invalid(self.named(name), "An e-mail address is expected.")
        return value

    def one_of(self, name: str, words: tuple[str, ...], default: T = REQUIRED) -> str | T:
        def read(value: object) -> str:
            if value not in words or not isinstance(value, str):
                raise ValueError(f"One of {', '.join(words)} is expected.")
            return value

        return self._read(name, default, read)

    def yes_or_no(self, name: str, default: T = REQUIRED) -> bool | T:
        def read(value: object) -> bool:
            if value is True or value is False:
                return value
            raise ValueError("true or false is expected.")

        return self._read(name, default, read)

    def whole(self, name: str, default: T = REQUIRED, *, least: int = 0, most: int = LARGEST) -> int | T:
        """A whole number; from a query, its digits."""

        def read(value: object) -> int:
            if self._is_query and isinstance(value, str) and re.fullmatch(r"[0-9]{1,16}", value):
                value = int(value)
            if type(value) is not int or not least <= value <= most:
                raise ValueError(f"A whole number from {least} to {most} is expected.")
            return value

        return self._read(name, default, read)

    def number(self, name: str, default: T = REQUIRED, *, above: float = 0, most: float) -> float | T:
        def read(value: object) -> float:
            if type(value) not in (int, float) or not isinstance(value, int | float) or not above < value <= most:
                raise ValueError(f"A number above {above} and up to {most} is expected.")
            return value

        return self._read(name, default, read)

    def moment(self, name: str, default: T = REQUIRED) -> datetime | T:
        """RFC 3339 with its offset; in UTC."""

        def read(value: object) -> datetime:
            text = str(value).replace(" ", "+") if self._is_query else value  # a plus sign nobody escaped
            try:
                moment = datetime.fromisoformat(text) if isinstance(text, str) and len(text) < 40 else None
                if moment and moment.tzinfo:
                    return moment.astimezone(UTC)
            except (ValueError, OverflowError):
                pass
            raise ValueError("A time with its offset is expected, such as 2026-11-22T10:00:00+03:00.")

        return self._read(name, default, read)

    def day(self, name: str, default: T = REQUIRED) -> date | T:
        def read(value: object) -> date:
            if isinstance(value, str) and re.fullmatch(r"[0-9]{4}-[0-9]{2}-[0-9]{2}", value):
                return date.fromisoformat(value)
            raise ValueError("A date is expected, such as 2026-11-22.")

        return self._read(name, default, read)

    def objects(self, name: str, *, most: int) -> list["Fields"]:
        """A list of objects, or nothing."""

        def read(value: object) -> list[Fields]:
            if not isinstance(value, list) or len(value) > most:
                raise ValueError(f"A list of at most {most} objects is expected.")
            return [Fields(item, within=f"{self._within}{name}[{position}].") for position, item in enumerate(value)]

        return self._read(name, [], read)

    def named(self, name: str) -> str:
        """How errors call a field of this object."""
        return f"{self._within}{name}"

    def done(self) -> None:
        """:raises Invalid: naming a field nobody asked for"""
        for name in self._data:
            if name not in self._asked:
                raise Invalid(self.named(name), "There is no such field.")

    def _read(self, name: str, default: T, read: Callable[[object], V]) -> V | T:
        self._asked.add(name)
        value = self._data.get(name)
        if value is None and default is not REQUIRED:
            return default
        if name not in self._data:
            raise Invalid(self.named(name), "This field is missing.")
        try:
            return read(value)
        except ValueError as error:
            raise Invalid(self.named(name), str(error)) from error


def without_twins(pairs: list[tuple[str, object]]) -> dict[str, object]:
    """Two members of one name: whoever reads the first and whoever reads the last see different orders."""
    data = dict(pairs)
    if len(data) < len(pairs):
        raise ValueError("a name stands there twice")
    return data


def refuse_constant(name: str) -> None:
    raise ValueError(f"{name} is no number")


DECODER = json.JSONDecoder(object_pairs_hook=without_twins, parse_constant=refuse_constant)
