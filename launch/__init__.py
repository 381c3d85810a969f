"""Starts Gişe on one machine: its own PostgreSQL, the processes and their keeper."""
