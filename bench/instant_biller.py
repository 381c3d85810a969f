"""A biller behind the direct door that says yes at once: one small process, so that a payment's own cost is seen."""

import json
import socketserver
import sys


class Yes(socketserver.StreamRequestHandler):
    disable_nagle_algorithm = True

    def handle(self) -> None:
        while self.rfile.readline():
            length, key = 0, ""
            while (line := self.rfile.readline().strip()) != b"":
                name, _, value = line.partition(b":")
                if name.lower() == b"content-length":
                    length = int(value)
                elif name.lower() == b"idempotency-key":
                    key = value.strip().decode()
            amount = json.loads(self.rfile.read(length))["amount"] if length else 0
            body = f'{{"state": "accepted", "reference": "{key}", "amount": {amount}, "biller_reference": "Y1"}}'.encode()
            self.wfile.write(b"HTTP/1.1 201 Created\r\nContent-Type: application/json\r\nContent-Length: %d\r\n\r\n%b" % (len(body), body))


class Server(socketserver.ThreadingTCPServer):
    allow_reuse_address, daemon_threads = True, True


if __name__ == "__main__":
    Server(("127.0.0.1", int(sys.argv[1])), Yes).serve_forever()
