"""What somebody typed, field by field, by the shapes of the kind."""

from collections.abc import Mapping
from typing import Any

from app.changes.kind import Field, Kind, WrongShape
from app.errors import N_, Invalid
from app.markets import Market
from app.money import LARGEST
from app.text import one_line


def read_wanted(kind: Kind, typed: Mapping[str, Any], market: Market, present: Mapping[str, Any]) -> dict[str, Any]:
    """
    :param present: what the record says now
    :returns: what is to be kept; of kinds that only change, what differs
    :raises Invalid: naming each field that is wrong
    """
    asked = {field.name: field for field in kind.fields if field.is_asked}
    errors = {name: N_("This field is not known here.") for name in typed if name not in asked}
    wanted: dict[str, Any] = dict(kind.fixed)
    for name, field in asked.items():
        if name not in typed and kind.changes_only:
            continue
        if typed.get(name) == present.get(name) and kind.changes_only:
            continue  # what stood there before our shapes did may stay
        try:
            wanted[name] = read_field(field, typed.get(name, ""), market)
        except WrongShape as wrong:
            errors[name] = wrong.say
    if errors:
        raise Invalid(**errors)
    if kind.changes_only:
        wanted = {name: value for name, value in wanted.items() if value != present.get(name)}
        if not wanted:
            raise Invalid(wanted=N_("Nothing would change: every field says what it says already."))
    return {name: value for name, value in wanted.items() if value != "" or name in present}


def read_field(field: Field, value: Any, market: Market) -> str | int:
    """:raises WrongShape: …"""
    if field.is_money:
        if type(value) is not int or not 0 <= value <= LARGEST:
            raise WrongShape(N_("An amount of zero or more is needed here."))
        return value
    if not isinstance(value, str):
        raise WrongShape(N_("This value has the wrong type."))
    text = one_line(value, longest=field.longest + 1)
    if len(text) > field.longest:
        raise WrongShape(N_("This text is too short or too long."))
    if not text:
        if field.is_needed:
            raise WrongShape(N_("This field is missing."))
        return ""
    if field.choices is not None and text not in field.choices:
        raise WrongShape(N_("This word is not one of those that are possible here."))
    return field.read(text, market)
