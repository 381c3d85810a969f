"""
Lean HTTP clients: each a thread with one kept connection that writes prepared requests and reads status and length.

    python -m bench.clients <port> <seconds> <file of requests>   → one line of JSON: payments, statuses, milliseconds
"""

import json
import socket
import sys
import threading
import time
from pathlib import Path

THREADS = 8


def main(port: int, seconds: int, file: str) -> None:
    requests = [bytes.fromhex(line) for line in Path(file).read_text().splitlines()]
    waits: list[float] = []
    statuses: dict[str, int] = {}
    shares = [requests[number::THREADS] for number in range(THREADS)]
    deadline = time.monotonic() + seconds

    def client(share: list[bytes]) -> None:
        with socket.create_connection(("127.0.0.1", port)) as connection:
            connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            reader = connection.makefile("rb")
            for request in share:
                began = time.perf_counter()
                if time.monotonic() > deadline:
                    return
                connection.sendall(request)
                status = reader.readline().split()[1].decode()
                length = 0
                while (line := reader.readline()) != b"\r\n":
                    if line.lower().startswith(b"content-length:"):
                        length = int(line.split(b":")[1])
                reader.read(length)
                waits.append((time.perf_counter() - began) * 1000)
                statuses[status] = statuses.get(status, 0) + 1

    threads = [threading.Thread(target=client, args=(share,)) for share in shares]
    began = time.monotonic()
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    took = time.monotonic() - began
    print(json.dumps({"per_second": len(waits) / took, "statuses": statuses, "waits": sorted(waits)}))


if __name__ == "__main__":
    main(int(sys.argv[1]), int(sys.argv[2]), sys.argv[3])
