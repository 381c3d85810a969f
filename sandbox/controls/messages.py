"""Controls of SMS and mail: what the product sent, and something for it to receive."""

import base64
import binascii
import re

from sandbox import clock
from sandbox.messages.box import Message, keep, messages
from sandbox.messages.mail import Attachment, bounce, write
from sandbox.messages.sms import LONGEST_TEXT
from sandbox.web.fields import Fields, Invalid
from sandbox.web.message import Reply, Request, json_reply
from sandbox.world import World

CHANNELS = ("sms", "mail")
LONGEST_MAIL = 1_000_000
MOST_ATTACHMENTS, LARGEST_ATTACHMENT = 20, 30_000_000  # characters of base64
MOST_HEADERS = 20
HEADER_NAME = re.compile(r"[A-Za-z][A-Za-z0-9-]{0,60}")
MEDIA_TYPE = re.compile(r"(?!multipart/|message/)[a-z]+/[a-z0-9.+-]+")


def sent(world: World, request: Request) -> Reply:
    """What left the product, oldest first."""
    query = Fields.of_query(request)
    channel, recipient = query.one_of("channel", CHANNELS), query.text("to", None)
    query.done()
    with world.store.reading() as connection:
        return json_reply(200, {"items": messages(connection, channel, "out", recipient=recipient)})


def write_sms(world: World, request: Request) -> Reply:
    """Somebody writes to the product's short number."""
    fields = Fields.of_body(request)
    sender, recipient = fields.line("from", longest=40), fields.line("to", longest=40)
    text = fields.text("text", longest=LONGEST_TEXT, may_be_empty=True)
    fields.done()
    return kept(world, Message("sms", "in", sender, recipient, text))


def write_mail(world: World, request: Request) -> Reply:
    """Somebody writes to the product; ``content`` of an attachment is base64."""
    fields = Fields.of_body(request)
    mail = write(
        sender=fields.email("from"),
        recipient=fields.email("to"),
        subject=fields.line("subject", "", longest=500, may_be_empty=True),
        text=fields.text("text", "", longest=LONGEST_MAIL, may_be_empty=True),
        attachments=[read_attachment(one) for one in fields.objects("attachments", most=MOST_ATTACHMENTS)],
        now=clock.now(),
        html=fields.text("html", "", longest=LONGEST_MAIL, may_be_empty=True),
        headers=[read_header(one) for one in fields.objects("headers", most=MOST_HEADERS)],
    )
    fields.done()
    return kept(world, mail)


def read_header(fields: Fields) -> tuple[str, str]:
    name, value = fields.line("name"), fields.line("value", longest=900)
    if not HEADER_NAME.fullmatch(name) or name.lower().startswith("content-"):
        raise Invalid(fields.named("name"), "The name of a header is expected, such as Auto-Submitted.")
    fields.done()
    return name, value


def write_bounce(world: World, request: Request) -> Reply:
    """The address a mail of the product went to does not exist; its server says so to the product."""
    fields = Fields.of_body(request)
    number = fields.whole("message")
    fields.done()
    with world.store.reading() as connection:
        sent = connection.execute(
            "SELECT raw, recipient FROM messages WHERE id = ? AND channel = 'mail' AND direction = 'out'", (number,)
        ).fetchone()
    if sent is None:
        raise Invalid("message", "The id of a mail that the product sent is expected.")
    return kept(world, bounce(sent["raw"], recipient=sent["recipient"].split(", ")[0], now=clock.now()))


def read_attachment(fields: Fields) -> Attachment:
    name, media_type = fields.line("name"), fields.line("type")
    if not MEDIA_TYPE.fullmatch(media_type):
        raise Invalid(fields.named("type"), "A media type is expected, such as application/pdf.")
    try:
        content = base64.b64decode(fields.text("content", longest=LARGEST_ATTACHMENT, may_be_empty=True), validate=True)
    except (binascii.Error, ValueError) as error:
        raise Invalid(fields.named("content"), "Base64 is expected.") from error
    fields.done()
    return Attachment(name, media_type, content)


def kept(world: World, message: Message) -> Reply:
    with world.store.writing() as connection:
        return json_reply(201, {"id": keep(connection, message, now=clock.now())})
