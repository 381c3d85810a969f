"""The program and its HTTP: what it says, how it starts and stops, and what it does with nonsense."""

import re
import socket
import subprocess
import sys
import time
from pathlib import Path

import html5lib
import pytest
import urllib3

from tests.sandbox_process import HOME, Sandbox, running_sandbox


def talk(sandbox: Sandbox, sent: bytes) -> bytes:
    """Everything that comes back until the server closes, or is silent for a moment."""
    with socket.create_connection(("127.0.0.1", sandbox.port), timeout=0.5) as connection:
        connection.sendall(sent)
        heard = b""
        try:
            while piece := connection.recv(65536):
                heard += piece
        except TimeoutError:
            pass
        return heard


def test_the_home_page_is_html_for_people(sandbox: Sandbox) -> None:
    answer = urllib3.request("GET", sandbox.url)
    parser = html5lib.HTMLParser(strict=True)
    parser.parse(answer.data.decode())
    text = answer.data.decode()
    assert answer.headers["Content-Type"] == "text/html; charset=utf-8"
    assert text.count("<h1>") == 1 and "<script" not in text and "://" not in text
    assert "5300001042" in text and "/control/transfers" in text


def test_health(sandbox: Sandbox) -> None:
    answer = urllib3.request("GET", f"{sandbox.url}/healthz")
    assert (answer.status, answer.json()) == (200, {"state": "ok"})


def test_one_connection_serves_many_requests(sandbox: Sandbox) -> None:
    ask = b"GET /healthz HTTP/1.1\r\nHost: x\r\n\r\n"
    assert talk(sandbox, ask * 3).count(b"HTTP/1.1 200 OK") == 3
    assert talk(sandbox, b"GET /healthz HTTP/1.1\r\nConnection: close\r\n\r\n" + ask).count(b"HTTP/1.1 200 OK") == 1
    assert talk(sandbox, b"GET /healthz HTTP/1.0\r\n\r\n" + ask).count(b"HTTP/1.1 200 OK") == 1


def test_an_answer_comes_in_one_piece_and_at_once(sandbox: Sandbox) -> None:
    """Head and body apart would cost 40 ms by delayed ACK."""
    http = urllib3.HTTPConnectionPool("127.0.0.1", sandbox.port)
    took = []
    for _ in range(30):
        began = time.perf_counter()
        http.request("GET", "/healthz")
        took.append(time.perf_counter() - began)
    assert sorted(took)[15] < 0.02


@pytest.mark.parametrize(
    ("sent", "status"),
    [
        (b"nonsense\r\n\r\n", b"400"),
        (b"GET / HTTP/2\r\n\r\n", b"400"),
        (b"GET nothing HTTP/1.1\r\n\r\n", b"400"),
        (b"GET / HTTP/1.1\r\nno colon\r\n\r\n", b"400"),
        (b"GET / HTTP/1.1\r\n" + b"A: b\r\n" * 101 + b"\r\n", b"431"),
        (b"GET /" + b"x" * 20_000 + b" HTTP/1.1\r\n\r\n", b"431"),
        (b"POST /control/bills HTTP/1.1\r\nContent-Length: x\r\n\r\n", b"400"),
        (b"POST /control/bills HTTP/1.1\r\nContent-Length: -1\r\n\r\n", b"400"),
        (b"POST /control/bills HTTP/1.1\r\nContent-Length: 99999999999\r\n\r\n", b"413"),
        (b"POST /control/bills HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n", b"411"),
        (b"POST /control/bills HTTP/1.1\r\nExpect: 100-continue\r\nContent-Length: 2\r\n\r\n{}", b"100"),
        (b"\r\nGET /healthz HTTP/1.1\r\n\r\n", b"200"),
    ],
)
def test_what_is_no_request(sandbox: Sandbox, sent: bytes, status: bytes) -> None:
    assert talk(sandbox, sent).startswith(b"HTTP/1.1 " + status)
    assert urllib3.request("GET", f"{sandbox.url}/healthz").status == 200


def test_a_dripping_answer_comes_byte_by_byte(sandbox: Sandbox) -> None:
    sandbox.control.fault("azercell", "inquiry", "drip", seconds=0.4, subscriber="none such")
    began = time.monotonic()
    ask = b"GET /direct/v1/azercell/subscribers/none%20such/bills HTTP/1.1\r\nAuthorization: Bearer x\r\nConnection: close\r\n\r\n"
    pieces = []
    with socket.create_connection(("127.0.0.1", sandbox.port)) as connection:
        connection.sendall(ask)
        while piece := connection.recv(65536):
            pieces.append(piece)
    assert len(pieces) > 5 and time.monotonic() - began >= 0.35
    assert b"".join(pieces).endswith(b'{"code": "unknown_subscriber"}')


def test_it_stops_when_told(sandbox_of_its_own: Sandbox) -> None:
    assert sandbox_of_its_own.stop() == 0
    assert {path.name for path in sandbox_of_its_own.store.parent.iterdir()} == {"sandbox.sqlite3", "sandbox.sqlite3.lock"}


def test_two_on_one_store_are_refused(sandbox_of_its_own: Sandbox) -> None:
    done = start("--store", str(sandbox_of_its_own.store), "--port", "0", "--smtp-port", "0", "--imap-port", "0")
    assert done.returncode == 1 and re.fullmatch(r"sandbox: Another sandbox has .* open\..*\n", done.stderr)


def test_a_port_that_is_taken(sandbox: Sandbox, tmp_path: Path) -> None:
    done = start("--store", str(tmp_path / "s"), "--subscribers", "12", "--port", str(sandbox.port), "--smtp-port", "0", "--imap-port", "0")
    assert done.returncode == 1 and done.stderr.startswith(f"sandbox: Port {sandbox.port}, ")


def test_a_file_that_is_none_of_ours(tmp_path: Path) -> None:
    (tmp_path / "s").write_text("a letter, not a store, and long enough to be mistaken for one" * 100)
    done = start("--store", str(tmp_path / "s"), "--port", "0", "--smtp-port", "0", "--imap-port", "0")
    assert done.returncode == 1 and "cannot be opened" in done.stderr and "Traceback" not in done.stderr


def test_a_clock_that_cannot_be_read(tmp_path: Path) -> None:
    for clock in ("2026-11-22T10:00:00", "2026-11-22T10:00:00+03:00@x"):
        done = start("--store", str(tmp_path / "s"), environ={"GISE_CLOCK": clock})
        assert done.returncode == 1 and done.stderr.startswith("sandbox: GISE_CLOCK cannot be read")


@pytest.mark.parametrize("options", [("--subscribers", "9"), ("--port", "70000")])
def test_options_that_make_no_sense(tmp_path: Path, options: tuple[str, ...]) -> None:
    assert start("--store", str(tmp_path / "s"), *options).returncode == 2


def test_the_told_clock_runs_on_across_restarts(tmp_path: Path) -> None:
    clock = f"2025-05-22T16:58:00+03:00@{int(time.time()) - 60}"
    with running_sandbox(tmp_path, clock=clock, subscribers=12) as sandbox:
        sandbox.control.sms("1", "2", "first")
        sandbox.kill()
        sandbox.start()
        sandbox.control.sms("1", "2", "second")
        first, second = (one["at"] for one in urllib3.request("GET", f"{sandbox.sms_url}/inbox").json()["items"])
        assert "2025-05-22T13:59" <= first < second < "2025-05-22T14:00:30"


def start(*options: str, environ: dict[str, str] | None = None) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "sandbox", *options]
    return subprocess.run(command, cwd=HOME, env={"PATH": ""} | (environ or {}), capture_output=True, text=True, timeout=20, check=False)
