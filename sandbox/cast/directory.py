"""Every part of the cast, by biller and number."""

from collections.abc import Mapping
from typing import Any

from sandbox.cast import azercell, masmovil, millenicom, vodafone_hu
from sandbox.cast.role import Role

CAST: dict[str, Mapping[str, Role[Any]]] = {
    "millenicom": millenicom.ROLES,
    "azercell": azercell.ROLES,
    "masmovil": masmovil.ROLES,
    "vodafone-hu": vodafone_hu.ROLES,
}


def roles_of(biller: str) -> Mapping[str, Role[Any]]:
    return CAST.get(biller, {})
