"""
The bare work of a payment over HTTP: an empty Flask view, the two SQL calls of the product, one outbound call.
No session, no rights, no validation, no form: what every payment page must cost at least.
"""

import json
import os
from datetime import UTC, datetime

from flask import Flask, request

from app import db
from app.collections.pay_bill import RESERVE
from app.collections.settle import SETTLE
from app.config import Config
from app.outside import Peer

config = Config.from_environment(os.environ)
db.connect(config)
biller = Peer(config.billers_url, places=16)
app = Flask(__name__)


@app.post("/api/v1/payments")
def pay() -> tuple[str, int]:
    body, key, now = request.get_json(), request.headers["Idempotency-Key"], datetime.now(UTC)
    reference = f"B{key}"
    reserve = {
        "reference": reference, "agent": request.headers["X-Agent"], "person": 1, "key": key, "body_hash": b"", "biller": body["biller"],
        "subscriber": body["subscriber"], "bill": body["bill"], "version": body["version"], "amount": body["amount"], "fee": 0, "share": 0,
        "tax": 0, "currency": "TRY", "confirmed": [], "customer_phone": "", "receipt_code": reference, "at": now,
        "fresh_since": now.replace(year=2000), "next_ask_at": now,
    }  # fmt: skip
    assert db.call(RESERVE, reserve).verdict == "new"
    biller.call("POST", "/payments", body=json.dumps({"amount": body["amount"]}).encode(), headers={"Idempotency-Key": reference})
    settle = {
        "reference": reference, "agent": request.headers["X-Agent"], "state": "paid", "biller_reference": "Y1", "code": "", "at": now,
        "by": "person:1", "sources": ["transit"], "targets": ["biller:instant"], "amounts": [body["amount"]], "currency": "TRY",
        "sms_to": "", "sms_text": "",
    }  # fmt: skip
    db.call(SETTLE, settle)
    return "{}", 201
