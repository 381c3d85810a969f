"""The one box all messages lie in, whichever way they travel."""

import json
import sqlite3
from dataclasses import dataclass
from datetime import UTC, datetime


@dataclass(frozen=True, slots=True)
class Message:
    """
    :ivar channel: ``sms`` or ``mail``
    :ivar direction: ``out`` left the product, ``in`` is on its way to it
    :ivar attachments: name, type and size in bytes of each
    :ivar raw: a mail as it travels
    """

    channel: str
    direction: str
    sender: str
    recipient: str
    text: str
    subject: str = ""
    attachments: tuple[dict[str, object], ...] = ()
    raw: bytes | None = None


class OtherMessage(Exception):
    """The key was used before, for another message."""


def keep(connection: sqlite3.Connection, message: Message, *, now: datetime, key: str | None = None) -> int:
    """
    :param key: the sender's own; the same key again is the same message, kept once
    :returns: the message's id; ids grow
    :raises OtherMessage: if the key belongs to another one
    """
    values = (message.channel, message.direction, message.sender, message.recipient, message.subject, message.text)
    if key is not None:
        row = connection.execute("SELECT * FROM messages WHERE channel = ? AND key = ?", (message.channel, key)).fetchone()
        if row is not None and (row["recipient"], row["text"]) != (message.recipient, message.text):
            raise OtherMessage
        if row is not None:
            return int(row["id"])
    attachments = json.dumps(message.attachments, ensure_ascii=False)
    at = now.astimezone(UTC).isoformat(timespec="milliseconds")
    cursor = connection.execute(
        "INSERT INTO messages (channel, direction, sender, recipient, subject, text, attachments, raw, at, key)"
        " VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
        (*values, attachments, message.raw, at, key),
    )
    assert cursor.lastrowid is not None
    if (message.channel, message.direction) == ("mail", "in"):
        connection.execute("INSERT INTO mail_flags (message) VALUES (?)", (cursor.lastrowid,))
    return cursor.lastrowid


def messages(
    connection: sqlite3.Connection, channel: str, direction: str, *, recipient: str | None = None, after: int = 0
) -> list[dict[str, object]]:
    """Oldest first. :param recipient: one of the addresses a mail went to, or the number of an SMS"""
    rows = connection.execute(
        "SELECT * FROM messages WHERE channel = ? AND direction = ? AND id > ? ORDER BY id", (channel, direction, after)
    )
    return [shown(row) for row in rows if recipient is None or recipient in row["recipient"].split(", ")]


def shown(row: sqlite3.Row) -> dict[str, object]:
    return {
        "id": row["id"],
        "channel": row["channel"],
        "from": row["sender"],
        "to": row["recipient"],
        "subject": row["subject"],
        "text": row["text"],
        "at": row["at"],
        "attachments": json.loads(row["attachments"]),
    }
