"""Controls of the fault desk."""

from sandbox.carriers.directory import CODES
from sandbox.faults.desk import MODES, OPERATIONS
from sandbox.web.fields import Fields, Invalid
from sandbox.web.message import Reply, Request, json_reply, no_content
from sandbox.world import World

SECONDS = {"delay": 3.0, "drip": 12.0}
HOLD_SECONDS, MOST_SECONDS = 30.0, 600.0  # for the modes that hold a call
MOST_TIMES = 1_000_000


def add(world: World, request: Request) -> Reply:
    """``times`` (1 if nothing is said) or ``probability``, never both."""
    fields = Fields.of_body(request)
    biller, operation, mode = fields.one_of("biller", CODES), fields.one_of("operation", OPERATIONS), fields.one_of("mode", MODES)
    times, probability = fields.whole("times", None, least=1, most=MOST_TIMES), fields.number("probability", None, most=1)
    seconds = fields.number("seconds", SECONDS.get(mode, HOLD_SECONDS), most=MOST_SECONDS)
    subscriber = fields.text("subscriber", None)
    fields.done()
    if times is not None and probability is not None:
        raise Invalid("probability", "Say either times or probability.")
    if probability is None:
        times = times or 1
    fault = world.faults.add(
        biller=biller, operation=operation, mode=mode, times=times, probability=probability, seconds=seconds, subscriber=subscriber
    )
    return json_reply(201, fault)


def show(world: World, request: Request) -> Reply:
    Fields.of_query(request).done()
    return json_reply(200, {"items": world.faults.all()})


def clear(world: World, request: Request) -> Reply:
    """All of them."""
    Fields.of_query(request).done()
    world.faults.clear()
    return no_content()
