"""
The server: a thread for each connection, so that any number of held calls leaves the others alone.

Written on sockets because the handlers must be able to hold, drop and drip, and because reading a head
with ``http.server`` costs more than booking a payment.
"""

import socketserver
import sys
import threading
import traceback
from collections.abc import Callable
from http import HTTPStatus

from sandbox.web.message import DROPPED, Reply, Request, json_reply

LONGEST_LINE = 16_384
MOST_HEADERS = 100
LARGEST_BODY = 32 * 1024 * 1024
IDLE_SECONDS = 900  # far beyond what clients keep a connection for, so that we never close one under a payment
DRIPS = 50


class BadRequest(Exception):
    """What was sent is no HTTP we speak; the connection is closed after the answer."""

    def __init__(self, status: int, title: str) -> None:
        self.reply = json_reply(status, {"code": "invalid", "title": title})


class Server(socketserver.ThreadingTCPServer):
    """:param respond: answers a request; it runs in the connection's own thread"""

    allow_reuse_address = True
    daemon_threads = True
    block_on_close = False
    request_queue_size = 1024

    def __init__(self, host: str, port: int, respond: Callable[[Request], Reply], stopping: threading.Event) -> None:
        self.respond = respond
        self.stopping = stopping
        super().__init__((host, port), Connection)

    @property
    def host(self) -> str:
        return str(self.server_address[0])

    @property
    def port(self) -> int:
        return int(self.server_address[1])

    def handle_error(self, request: object, client_address: object) -> None:
        """A client that went away is no event; everything else is loud."""
        if not isinstance(sys.exc_info()[1], OSError):
            traceback.print_exc()


class Connection(socketserver.StreamRequestHandler):
    server: Server
    disable_nagle_algorithm = True
    timeout = IDLE_SECONDS

    def handle(self) -> None:
        try:
            while not self.server.stopping.is_set() and (request := self.read_request()):
                stays = wants_to_stay(request)
                if not self.send(self.answer(request), stays=stays) or not stays:
                    return
        except BadRequest as problem:
            self.send(problem.reply, stays=False)

    def answer(self, request: Request) -> Reply:
        try:
            return self.server.respond(request)
        except Exception:
            if self.server.stopping.is_set():
                return DROPPED  # the store was closed under this call; what became of it is told after the restart
            traceback.print_exc()
            return json_reply(500, {"code": "bug", "title": "The sandbox has a bug; its output names it."})

    def read_request(self) -> Request | None:
        """
        :returns: ``None`` when the client is done
        :raises BadRequest: if it is no HTTP we speak
        """
        line = self.read_line()
        words = (line if line.strip() else self.read_line()).split()  # some clients end a body with an empty line
        if not words:
            return None
        if len(words) != 3 or words[2] not in ("HTTP/1.1", "HTTP/1.0") or not words[1].startswith("/"):
            raise BadRequest(400, "The request line cannot be read.")
        headers = self.read_headers()
        if words[2] == "HTTP/1.0":
            headers.setdefault("connection", "close")
        return Request(words[0], words[1], headers, self.read_body(headers))

    def read_headers(self) -> dict[str, str]:
        headers: dict[str, str] = {}
        for _ in range(MOST_HEADERS):
            line = self.read_line().rstrip("\r\n")
            if not line:
                return headers
            name, colon, value = line.partition(":")
            if not colon:
                raise BadRequest(400, "The headers cannot be read.")
            headers[name.lower()] = value.strip()
        raise BadRequest(431, "There are too many headers.")

    def read_body(self, headers: dict[str, str]) -> bytes:
        if "transfer-encoding" in headers:
            raise BadRequest(411, "Send the body in one piece, with Content-Length.")
        length = headers.get("content-length", "0")
        if not (length.isascii() and length.isdigit()):
            raise BadRequest(400, "Content-Length cannot be read.")
        if len(length) > 12 or int(length) > LARGEST_BODY:
            raise BadRequest(413, "The body is too large.")
        if headers.get("expect", "").lower() == "100-continue":
            self.connection.sendall(b"HTTP/1.1 100 Continue\r\n\r\n")
        body = self.rfile.read(int(length))
        if len(body) < int(length):
            raise BadRequest(400, "The body ended early.")
        return body

    def read_line(self) -> str:
        line = self.rfile.readline(LONGEST_LINE)
        if len(line) == LONGEST_LINE:
            raise BadRequest(431, "A line of the head is too long.")
        return line.decode("latin-1")

    def send(self, reply: Reply, *, stays: bool) -> bool:
        """:returns: whether the connection may be used again"""
        if reply.dropped:
            return False
        head = head_of(reply, stays=stays)
        if not reply.drip:
            self.connection.sendall(head + reply.body)
            return True
        self.connection.sendall(head)
        size = -(-len(reply.body) // DRIPS) or 1
        pieces = [reply.body[start : start + size] for start in range(0, len(reply.body), size)]
        for piece in pieces:
            if self.server.stopping.wait(reply.drip / len(pieces)):
                return False
            self.connection.sendall(piece)
        return True


def wants_to_stay(request: Request) -> bool:
    return request.headers.get("connection", "").lower() != "close"


def head_of(reply: Reply, *, stays: bool) -> bytes:
    lines = [f"HTTP/1.1 {reply.status} {HTTPStatus(reply.status).phrase}"]
    if reply.status != 204:
        lines += [f"Content-Type: {reply.content_type}", f"Content-Length: {len(reply.body)}"]
    lines += [f"{name}: {value}" for name, value in reply.headers.items()]
    if not stays:
        lines.append("Connection: close")
    return "\r\n".join([*lines, "", ""]).encode("latin-1")
