"""The SMTP server the product hands its mail to: everything is accepted, kept, and delivered to nobody."""

import asyncio
import socket
import threading

from aiosmtpd.smtp import SMTP, Envelope, Session

from sandbox import clock
from sandbox.messages.box import keep
from sandbox.messages.mail import read
from sandbox.store import Store

LARGEST_MAIL = 32 * 1024 * 1024


class SmtpServer:
    """Runs in a thread of its own. :param port: 0 takes any free one"""

    def __init__(self, store: Store, host: str, port: int) -> None:
        self._store = store
        self._socket = socket.create_server((host, port), backlog=128)
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever, name="smtp", daemon=True)

    @property
    def port(self) -> int:
        return int(self._socket.getsockname()[1])

    def start(self) -> None:
        self._thread.start()
        asyncio.run_coroutine_threadsafe(self._listen(), self._loop).result(timeout=10)

    def stop(self) -> None:
        """Conversations under way are cut; a client that heard no 250 sends its mail again."""
        asyncio.run_coroutine_threadsafe(self._hang_up(), self._loop).result(timeout=10)
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join(timeout=5)

    async def _listen(self) -> None:
        await self._loop.create_server(self._conversation, sock=self._socket)

    async def _hang_up(self) -> None:
        tasks = asyncio.all_tasks() - {asyncio.current_task()}
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)

    def _conversation(self) -> SMTP:
        return SMTP(self, hostname="sandbox", data_size_limit=LARGEST_MAIL, enable_SMTPUTF8=True)

    async def handle_DATA(self, server: SMTP, session: Session, envelope: Envelope) -> str:
        await asyncio.to_thread(self._keep, envelope)
        return "250 OK"

    def _keep(self, envelope: Envelope) -> None:
        raw = envelope.original_content or b""
        message = read(raw, sender=envelope.mail_from or "", recipients=envelope.rcpt_tos)
        with self._store.writing() as connection:
            keep(connection, message, now=clock.now())
