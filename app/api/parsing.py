"""What clients send is read strictly: unknown fields, other types and doubled names are refused, each by its name."""

import json
import re
from collections.abc import Mapping, MutableMapping
from typing import Any, NoReturn

from flask import Request
from flask_smorest import Blueprint as SmorestBlueprint
from marshmallow import RAISE, Schema, ValidationError, fields
from webargs.flaskparser import FlaskParser

from app.errors import N_, Invalid
from app.money import LARGEST
from app.web.refusals import Unreadable, WrongType

NOT_TEXT = re.compile(r"[\x00-\x1f\x7f\ud800-\udfff]")


class StrictSchema(Schema):
    class Meta:
        unknown = RAISE

    error_messages = {"unknown": N_("This field is not known here."), "type": N_("An object is expected.")}


class Text(fields.String):
    """Printable text without line breaks."""

    def _deserialize(self, value: Any, attr: str | None, data: Mapping[str, Any] | None, **kwargs: Any) -> str:
        text = super()._deserialize(value, attr, data, **kwargs)
        if text is None or NOT_TEXT.search(text):
            raise ValidationError(N_("This text has characters that are not allowed."))
        return text


class MinorUnits(fields.Field[int]):
    """An amount: a whole number of minor units, never a string, a fraction or a boolean."""

    def _deserialize(self, value: Any, *_args: Any, **_kwargs: Any) -> int:
        if type(value) is not int or not 0 < value <= LARGEST:
            raise ValidationError(N_("An amount is a whole number of minor units above zero."))
        return value


class YesOrNo(fields.Boolean):
    """``true`` or ``false``, never a word or a number that means one."""

    def _deserialize(self, value: Any, *_args: Any, **_kwargs: Any) -> bool:
        if type(value) is not bool:
            raise ValidationError(N_("true or false is expected here."))
        return value


class Parser(FlaskParser):
    """Raises our own refusals; 415 when the body is no JSON."""

    DEFAULT_UNKNOWN_BY_LOCATION = {"json": RAISE, "query": RAISE, "form": RAISE, "files": RAISE}

    def load_json(self, req: Request, _schema: Schema) -> Any:
        if not req.is_json:
            raise WrongType
        return read_json(req.get_data())

    def handle_error(self, error: ValidationError, *_args: Any, **_kwargs: Any) -> NoReturn:
        raise Invalid(**flat(error.messages))


def flat(messages: Any, path: str = "") -> dict[str, str]:
    """``{"json": {"amount": ["…"]}}`` → ``{"amount": "…"}``; nested fields by their path."""
    if isinstance(messages, Mapping):
        found: dict[str, str] = {}
        for name, inner in messages.items():
            is_no_field = name == "_schema" or (name in ("json", "query", "form", "files") and not path)
            at = path if is_no_field else f"{path}.{name}".strip(".")
            found |= flat(inner, at)
        return found
    return {path or "body": in_our_words(str(messages[0] if isinstance(messages, list) else messages))}


# marshmallow's own messages, by how they begin; ours pass through.
WORDS = {
    "Missing data": N_("This field is missing."),
    "Field may not be null": N_("This field is empty."),
    "Not a valid": N_("This value has the wrong type."),
    "Invalid": N_("This value has the wrong type."),
    "Length must": N_("This text is too short or too long."),
    "Longer than": N_("This text is too short or too long."),
    "Shorter than": N_("This text is too short or too long."),
    "Must be one of": N_("This word is not one of those that are possible here."),
    "String does not match": N_("This text has not the expected shape."),
}


def in_our_words(message: str) -> str:
    return next((ours for beginning, ours in WORDS.items() if message.startswith(beginning)), message)


class Blueprint(SmorestBlueprint):  # type: ignore[misc]
    ARGUMENTS_PARSER = Parser()


def read_json(body: bytes) -> Any:
    """
    No doubled names, no NaN or Infinity, no nesting that breaks the reader.

    :raises Unreadable: if it is no JSON
    """
    try:
        return json.loads(body, object_pairs_hook=no_doubles, parse_constant=no_constant)
    except (ValueError, RecursionError) as error:
        raise Unreadable from error


def no_doubles(pairs: list[tuple[str, Any]]) -> MutableMapping[str, Any]:
    made = dict(pairs)
    if len(made) != len(pairs):
        names = [name for name, _ in pairs]
        raise Invalid(**{next(name for name in names if names.count(name) > 1): N_("This field is there twice.")})
    return made


def no_constant(word: str) -> NoReturn:
    raise ValueError(f"{word} is no number")
