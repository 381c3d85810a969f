"""The desk behind the scenes: look at the truth, make bills and transfers, set faults."""
