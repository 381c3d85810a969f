"""Every kind of change, in the order in which they are offered."""

from app.changes.kind import Kind
from app.changes.kinds import agent_information, credit_limit, person_add, person_remove, resume, suspend
from app.errors import N_, Invalid

KINDS = {
    kind.name: kind for kind in (agent_information.KIND, person_add.KIND, person_remove.KIND, credit_limit.KIND, suspend.KIND, resume.KIND)
}


def find_kind(name: str) -> Kind:
    """:raises Invalid: …"""
    if name not in KINDS:
        raise Invalid(kind=N_("There is no such kind of change."))
    return KINDS[name]
