"""Bank files, read exactly: whatever the format, one shape comes out. No database, no Flask."""
