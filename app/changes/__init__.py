"""Requests to change a shop or a person: one record from the first click to the archive."""
