"""Every kind of change, in the order in which they are offered."""

from app.changes.kind import Kind
from app.changes.kinds import (
    agent_information,
    agent_new,
    agent_papers,
    credit_limit,
    manual_posting,
    manual_posting_reversal,
    payout_again,
    person_add,
    person_remove,
    resume,
    suspend,
    termination,
)
from app.errors import N_, Invalid

KINDS: dict[str, Kind] = {
    each.KIND.name: each.KIND
    for each in (
        agent_information,
        person_add,
        person_remove,
        termination,
        credit_limit,
        suspend,
        resume,
        manual_posting,
        manual_posting_reversal,
        payout_again,
        agent_new,
        agent_papers,
    )
}


def find_kind(name: str) -> Kind:
    """:raises Invalid: …"""
    if name not in KINDS:
        raise Invalid(kind=N_("There is no such kind of change."))
    return KINDS[name]
