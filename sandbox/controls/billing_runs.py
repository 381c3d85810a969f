"""Control of the billing runs: hold a carrier's back, and let it go on."""

from sandbox import clock
from sandbox.billing_runs.run import pause
from sandbox.carriers.directory import CARRIERS, CODES
from sandbox.web.fields import Fields
from sandbox.web.message import Reply, Request, json_reply
from sandbox.world import World


def hold(world: World, request: Request) -> Reply:
    """Saying it again changes nothing."""
    fields = Fields.of_body(request)
    carrier, paused = CARRIERS[fields.one_of("biller", CODES)], fields.yes_or_no("paused")
    fields.done()
    with world.store.writing() as connection:
        pause(connection, carrier, paused=paused, today=clock.today(carrier.zone))
    return json_reply(200, {"biller": carrier.code, "paused": paused})
