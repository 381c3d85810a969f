"""The outbox: SMS and mail are written down in the transaction that causes them and sent by the worker."""
