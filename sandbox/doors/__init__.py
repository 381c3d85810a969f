"""The two doors of docs/biller-protocol.md: direct (JSON) and bank (XML)."""
