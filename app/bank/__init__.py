"""Money in: what the bank booked becomes top-ups. The heart is ``credit_deposits.py``; whose a transfer is says ``reference.py``."""
