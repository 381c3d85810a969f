"""The SMS gateway: the product sends here, and fetches what people wrote to it."""

from sandbox import clock
from sandbox.messages.box import Message, OtherMessage, keep, messages
from sandbox.web.fields import Fields
from sandbox.web.message import Reply, Request, json_reply
from sandbox.world import World

SHORT_NUMBER = "GISE"
LONGEST_TEXT = 1600  # ten joined messages


def send(world: World, request: Request) -> Reply:
    """With an ``Idempotency-Key`` a message that is sent again stays one message."""
    fields = Fields.of_body(request)
    message = Message("sms", "out", SHORT_NUMBER, fields.text("to", longest=40), fields.text("text", longest=LONGEST_TEXT))
    fields.done()
    key = Fields({"Idempotency-Key": request.headers.get("idempotency-key")}).text("Idempotency-Key", None)
    try:
        with world.store.writing() as connection:
            return json_reply(201, {"id": keep(connection, message, now=clock.now(), key=key)})
    except OtherMessage:
        return json_reply(409, {"code": "key_reused", "field": "Idempotency-Key", "title": "This key belongs to another message."})


def inbox(world: World, request: Request) -> Reply:
    """What arrived after the message ``after``; oldest first."""
    query = Fields.of_query(request)
    after = query.whole("after", 0)
    query.done()
    with world.store.reading() as connection:
        arrived = messages(connection, "sms", "in", after=after)
    return json_reply(200, {"items": [{name: message[name] for name in ("id", "from", "to", "text", "at")} for message in arrived]})
