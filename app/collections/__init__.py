"""The counter: a bill is looked up, paid, and its paper handed over. The heart is ``pay_bill.py``."""
