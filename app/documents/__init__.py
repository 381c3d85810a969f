"""Paper that goes out and scans that come in: printed, numbered, kept sealed, looked at, destroyed."""
