"""
The IMAP server the product fetches its mail from: one mailbox, ``INBOX``, holding what people wrote to it.

Twisted speaks the protocol; here stands only where mails and their flags lie. Any name and password open it.
"""

import sqlite3
import threading
from collections.abc import Iterable
from datetime import datetime
from email.message import Message
from email.parser import BytesParser
from email.policy import compat32
from functools import cached_property, partial
from io import BytesIO
from typing import Any

from twisted.cred.checkers import ICredentialsChecker
from twisted.cred.credentials import IUsernamePassword
from twisted.cred.portal import IRealm, Portal
from twisted.internet import reactor
from twisted.internet.protocol import Factory
from twisted.mail.imap4 import IMAP4Server, LOGINCredentials, PLAINCredentials, statusRequestHelper
from twisted.mail.interfaces import IAccountIMAP, IMailboxIMAP, IMessageIMAP, IMessageIMAPFile
from zope.interface import implementer

from sandbox.store import Store

UID_VALIDITY = 1  # a mail's number in the store is its own for ever
FLAGS = ("\\Seen", "\\Answered", "\\Flagged", "\\Deleted", "\\Draft")
INBOX = "INBOX"


class ImapServer:
    """
    Runs in a thread of its own. :param port: 0 takes any free one

    :raises OSError: if the port cannot be used
    """

    def __init__(self, store: Store, host: str, port: int) -> None:
        factory = Factory()
        factory.buildProtocol = partial(converse, Portal(AnyAccount(store), [Everybody()]))
        try:
            self._listening = reactor.listenTCP(port, factory, interface=host)
        except Exception as error:  # Twisted's own kind, which carries the real one
            raise getattr(error, "socketError", error) from error
        self._thread = threading.Thread(target=lambda: reactor.run(installSignalHandlers=False), name="imap", daemon=True)

    @property
    def port(self) -> int:
        return int(self._listening.getHost().port)

    def start(self) -> None:
        self._thread.start()

    def stop(self) -> None:
        """Conversations under way are cut; a mail whose flag was not stored is unseen still."""
        reactor.callFromThread(reactor.stop)
        self._thread.join(timeout=5)


def converse(portal: Portal, _address: object) -> IMAP4Server:
    server = IMAP4Server(chal={b"LOGIN": LOGINCredentials, b"PLAIN": PLAINCredentials})
    server.portal = portal
    return server


@implementer(ICredentialsChecker)
class Everybody:
    credentialInterfaces = (IUsernamePassword,)

    def requestAvatarId(self, credentials: Any) -> bytes:
        return bytes(credentials.username)


@implementer(IRealm)
class AnyAccount:
    def __init__(self, store: Store) -> None:
        self._store = store

    def requestAvatar(self, avatarId: bytes, mind: object, *interfaces: object) -> tuple[object, object, object]:
        return IAccountIMAP, Account(self._store), lambda: None


@implementer(IAccountIMAP)
class Account:
    """One mailbox; others cannot be made."""

    def __init__(self, store: Store) -> None:
        self._store = store

    def select(self, name: str, rw: bool = True) -> "Inbox | None":
        return Inbox(self._store, writeable=rw) if name.upper() == INBOX else None

    def listMailboxes(self, ref: str, wildcard: str) -> list[tuple[str, "Inbox"]]:
        return [(INBOX, Inbox(self._store, writeable=False))]

    def create(self, pathspec: str) -> bool:
        return False

    addMailbox = delete = rename = subscribe = unsubscribe = create

    def isSubscribed(self, name: str) -> bool:
        return name.upper() == INBOX


@implementer(IMailboxIMAP)
class Inbox:
    """
    As it stood when it was selected: what arrives later is seen by the next who selects it.

    Methods and their arguments are Twisted's ``IMailboxIMAP``.
    """

    def __init__(self, store: Store, *, writeable: bool) -> None:
        self._store, self._writeable = store, writeable
        with store.reading() as connection:
            rows = connection.execute("SELECT id FROM messages" + ARRIVED + " ORDER BY id").fetchall()
        self._uids: list[int] = [row["id"] for row in rows]

    def getUIDValidity(self) -> int:
        return UID_VALIDITY

    def getUIDNext(self) -> int:
        with self._store.reading() as connection:
            return int(connection.execute("SELECT coalesce(max(id), 0) + 1 AS next FROM messages").fetchone()["next"])

    def getUID(self, message: int) -> int:
        return self._uids[message - 1]

    def getMessageCount(self) -> int:
        return len(self._uids)

    def getRecentCount(self) -> int:
        return 0

    def getUnseenCount(self) -> int:
        return sum(1 for mail in self._mails(self._uids) if "\\Seen" not in mail.flags)

    def isWriteable(self) -> bool:
        return self._writeable

    def getFlags(self) -> tuple[str, ...]:
        return FLAGS

    def getHierarchicalDelimiter(self) -> str:
        return "/"

    def requestStatus(self, names: Iterable[str]) -> object:
        return statusRequestHelper(self, names)

    def addListener(self, listener: object) -> None:
        """Nobody is told of anything: see the class."""

    removeListener = addListener

    def fetch(self, messages: Any, uid: bool) -> list[tuple[int, "Mail"]]:
        wanted = self._wanted(messages, uid)
        numbers = {uid: number for number, uid in enumerate(self._uids, start=1)}
        return [(numbers[mail.uid], mail) for mail in self._mails(wanted)]

    def store(self, messages: Any, flags: Iterable[str], mode: int, uid: bool) -> dict[int, tuple[str, ...]]:
        given, stored = {flag for flag in flags if flag in FLAGS}, {}
        for number, mail in self.fetch(messages, uid):
            new = given if mode == 0 else mail.flags | given if mode > 0 else mail.flags - given
            with self._store.writing() as connection:
                connection.execute("UPDATE mail_flags SET flags = ? WHERE message = ?", (" ".join(sorted(new)), mail.uid))
            stored[number] = tuple(sorted(new))
        return stored

    def expunge(self) -> list[int]:
        """What is marked as deleted is not shown again; its number is never given to another mail."""
        marked = [mail.uid for mail in self._mails(self._uids) if "\\Deleted" in mail.flags]
        with self._store.writing() as connection:
            connection.executemany("UPDATE mail_flags SET expunged = 1 WHERE message = ?", [(uid,) for uid in marked])
        numbers = []
        for uid in reversed(marked):
            numbers.append(self._uids.index(uid) + 1)
            self._uids.remove(uid)
        return numbers

    def _wanted(self, messages: Any, uid: bool) -> list[int]:
        messages.last = (max(self._uids) if uid else len(self._uids)) if self._uids else 0
        places = range(1, len(self._uids) + 1)
        return [self._uids[place - 1] for place in places if (self._uids[place - 1] if uid else place) in messages]

    def _mails(self, uids: Iterable[int]) -> "list[Mail]":
        wanted = set(uids)
        with self._store.reading() as connection:
            rows = connection.execute("SELECT messages.id, at, flags FROM messages" + ARRIVED + " ORDER BY messages.id").fetchall()
        return [Mail(self._store, row) for row in rows if row["id"] in wanted]


ARRIVED = " JOIN mail_flags ON mail_flags.message = messages.id WHERE channel = 'mail' AND direction = 'in' AND NOT expunged"


class Part:
    """A mail, or a part of one, as Twisted's ``IMessageIMAPPart``."""

    def __init__(self, parsed: Message) -> None:
        self._part = parsed

    @property
    def _parsed(self) -> Message:
        return self._part

    def getHeaders(self, negate: bool, *names: Any) -> dict[str, str]:
        asked = {(name.decode() if isinstance(name, bytes) else name).lower() for name in names}
        return {name.lower(): str(value) for name, value in self._parsed.items() if (name.lower() in asked) != negate}

    def getBodyFile(self) -> BytesIO:
        _, _, body = self._parsed.as_bytes().partition(b"\n\n")
        return BytesIO(body)

    def getSize(self) -> int:
        return len(self._parsed.as_bytes())

    def isMultipart(self) -> bool:
        return self._parsed.is_multipart()

    def getSubPart(self, part: int) -> "Part":
        payload = self._parsed.get_payload()
        if not isinstance(payload, list) or not isinstance(inner := payload[part], Message):
            raise TypeError("not multipart")
        return Part(inner)


@implementer(IMessageIMAP, IMessageIMAPFile)
class Mail(Part):
    """Its content is fetched, and taken apart, when somebody asks for it: a search for flags does not."""

    def __init__(self, store: Store, row: sqlite3.Row) -> None:
        self._store, self.uid, self.flags = store, int(row["id"]), set(row["flags"].split())
        self._at = datetime.fromisoformat(row["at"])

    @cached_property
    def _raw(self) -> bytes:
        with self._store.reading() as connection:
            return bytes(connection.execute("SELECT raw FROM messages WHERE id = ?", (self.uid,)).fetchone()["raw"])

    @property
    def _parsed(self) -> Message:
        return BytesParser(policy=compat32).parsebytes(self._raw)

    def open(self) -> BytesIO:
        return BytesIO(self._raw)

    def getSize(self) -> int:
        return len(self._raw)

    def getBodyFile(self) -> BytesIO:
        return BytesIO(self._raw.partition(b"\r\n\r\n")[2])

    def getUID(self) -> int:
        return self.uid

    def getFlags(self) -> set[str]:
        return self.flags

    def getInternalDate(self) -> bytes:
        return self._at.strftime("%d-%b-%Y %H:%M:%S %z").encode()  # RFC 3501
