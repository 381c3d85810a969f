"""What happens to a call for which a fault fires: trouble with the delivery, or wrong words."""

from collections.abc import Callable
from dataclasses import dataclass, replace

from sandbox.faults.desk import Fault
from sandbox.faults.lies import Said, lie
from sandbox.web.message import DROPPED, Reply, json_reply
from sandbox.world import World

HTML = b"<html><head><title>502 Bad Gateway</title></head><body><h1>Bad Gateway</h1></body></html>"


@dataclass(frozen=True, slots=True)
class Call:
    """
    One question or order at a biller's door.

    :ivar subscriber: whom it is about
    :ivar act: does it; told ``already_paid`` or ``not_allowed``, a payment or reversal is refused with that word instead
    :ivar say: puts the answer into the door's own language
    """

    biller: str
    operation: str
    subscriber: Callable[[], str]
    act: Callable[[str], Said]
    say: Callable[[Said], Reply]


def serve(world: World, call: Call) -> Reply:
    fault = world.faults.fire(call.biller, call.operation, call.subscriber)
    return call.say(call.act("")) if fault is None else suffer(world, call, fault)


def suffer(world: World, call: Call, fault: Fault) -> Reply:
    """The table in ``sandbox/README.md``, line by line."""
    match fault.mode:
        case "delay":
            return DROPPED if world.stopping.wait(fault.seconds) else call.say(call.act(""))
        case "drip":
            return replace(call.say(call.act("")), drip=fault.seconds)
        case "timeout_before_apply":
            world.stopping.wait(fault.seconds)
            return DROPPED
        case "timeout_after_apply":
            call.act("")
            world.stopping.wait(fault.seconds)
            return DROPPED
        case "drop_after_apply":
            call.act("")
            return DROPPED
        case "error_500":
            return json_reply(500, {"code": "internal_error"})
        case "garbage":
            return spoil(call.say(call.act("")), fault.fired)
        case "already_paid" | "refuse" if call.operation in ("pay", "reverse"):
            return call.say(call.act("already_paid" if fault.mode == "already_paid" else "not_allowed"))
        case _:
            return call.say(lie(fault.mode, call.act("")))


def spoil(reply: Reply, turn: int) -> Reply:
    """In turn: a gateway's HTML page, the first half of the true answer, nothing at all."""
    match turn % 3:
        case 1:
            return replace(reply, body=HTML, content_type="text/html")
        case 2:
            return replace(reply, body=reply.body[: len(reply.body) // 2])
        case _:
            return replace(reply, body=b"")
