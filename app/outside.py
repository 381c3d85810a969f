"""
Calls to the outside: billers, banks, the SMS gateway. One pool of connections for each peer, explicit
time-outs, no hidden repeats, no redirects, bounded answers, a bounded number of calls at once.
"""

import math
import socket
import ssl
import threading
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

import structlog
import urllib3
from urllib3.connection import HTTPConnection, HTTPSConnection
from urllib3.exceptions import ConnectTimeoutError, HTTPError, NewConnectionError
from urllib3.util import Timeout
from urllib3.util.ssl_ import create_urllib3_context

log = structlog.get_logger()

CONNECT_SECONDS, ANSWER_SECONDS = 2, 8
WAIT_FOR_PLACE_SECONDS = 5
HANGS_AFTER_SECONDS, MOST_WAITING = 1, 16
LARGEST_ANSWER = 32 * 1024 * 1024


class NothingSent(Exception):
    """Nobody was reached; the peer knows nothing of this call."""


class NoAnswer(Exception):
    """The call may have arrived, and nothing readable came back in time."""


class NoPlace(NothingSent):
    """As many calls as allowed are under way already; nothing was sent."""


@dataclass(frozen=True)
class Reply:
    status: int
    body: bytes


class Peer:
    """
    One outside system.

    :param places: how many calls may be under way at once from this process
    """

    def __init__(self, url: str, *, headers: Mapping[str, str] | None = None, places: int = 16) -> None:
        parts = urlsplit(url)
        self.path = parts.path.rstrip("/")
        self.pool = make_pool(parts.scheme, str(parts.hostname), parts.port, places, dict(headers or {}))
        self.places = threading.BoundedSemaphore(places)
        self.under_way: dict[object, float] = {}
        self.waiting: set[object] = set()

    @contextmanager
    def place(self, *, wait: int = WAIT_FOR_PLACE_SECONDS) -> Iterator[None]:
        """
        A hanging peer occupies its own places and nobody else's.

        :raises NoPlace: if none became free within ``wait`` seconds
        """
        if len(self.waiting) >= MOST_WAITING and self.hangs():
            raise NoPlace
        me = object()
        self.waiting.add(me)
        try:
            if not self.places.acquire(timeout=wait):
                raise NoPlace
        finally:
            self.waiting.discard(me)
        self.under_way[me] = time.monotonic()
        try:
            yield
        finally:
            del self.under_way[me]
            self.places.release()

    def hangs(self) -> bool:
        """Its oldest call is under way for too long: whoever queues now would only keep a thread from others."""
        return time.monotonic() - min(list(self.under_way.values()), default=math.inf) > HANGS_AFTER_SECONDS

    def call(self, method: str, path: str, *, body: bytes | None = None, headers: Mapping[str, str] | None = None) -> Reply:
        """
        One call, never repeated. Ask for a :meth:`place` first.

        :raises NothingSent: if no connection could be made
        :raises NoAnswer: if anything went wrong after that
        """
        try:
            response = self.pool.urlopen(
                method,
                self.path + path,
                body=body,
                headers={**self.pool.headers, **(headers or {})},
                retries=False,
                redirect=False,
                preload_content=False,
            )
        except (NewConnectionError, ConnectTimeoutError) as error:
            raise NothingSent(str(error)) from error
        except (HTTPError, OSError) as error:
            raise NoAnswer(str(error)) from error
        try:
            content = response.read(LARGEST_ANSWER + 1)
        except (HTTPError, OSError) as error:
            response.close()
            raise NoAnswer(str(error)) from error
        if len(content) > LARGEST_ANSWER:
            response.close()
            raise NoAnswer("the answer is larger than anything the protocol allows")
        response.release_conn()
        return Reply(response.status, content)


class _Deadline:
    """A whole answer has to be there by ``deadline``: a peer that drips bytes does not outlive it."""

    deadline = math.inf

    def recv_into(self, *args: Any, **kwargs: Any) -> int:
        remaining = self.deadline - time.monotonic()
        if remaining <= 0:
            raise TimeoutError("the answer did not come in time")
        self.settimeout(min(remaining, ANSWER_SECONDS))  # type: ignore[attr-defined]
        received: int = super().recv_into(*args, **kwargs)  # type: ignore[misc]
        return received


class _Socket(_Deadline, socket.socket):
    pass


class _TlsSocket(_Deadline, ssl.SSLSocket):
    pass


class _StartsTheClock(HTTPConnection):
    def request(self, *args: Any, **kwargs: Any) -> None:
        if self.sock is None:
            self.connect()
        self.sock.deadline = time.monotonic() + ANSWER_SECONDS  # type: ignore[union-attr]
        super().request(*args, **kwargs)


class _Connection(_StartsTheClock):
    def connect(self) -> None:
        super().connect()
        timeout = self.sock.gettimeout()
        self.sock = _Socket(fileno=self.sock.detach())
        self.sock.settimeout(timeout)


class _TlsConnection(_StartsTheClock, HTTPSConnection):
    pass


def make_pool(scheme: str, host: str, port: int | None, size: int, headers: dict[str, str]) -> urllib3.HTTPConnectionPool:
    settings: dict[str, Any] = {
        "maxsize": size,
        "block": False,
        "timeout": Timeout(connect=CONNECT_SECONDS, read=ANSWER_SECONDS),
        "headers": headers,
    }
    if scheme == "https":
        context = create_urllib3_context()
        context.load_default_certs()
        context.sslsocket_class = _TlsSocket
        pool: urllib3.HTTPConnectionPool = urllib3.HTTPSConnectionPool(host, port, ssl_context=context, **settings)
        pool.ConnectionCls = _TlsConnection
    else:
        pool = urllib3.HTTPConnectionPool(host, port, **settings)
        pool.ConnectionCls = _Connection
    return pool
