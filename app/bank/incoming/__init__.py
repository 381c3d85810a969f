"""How the bank's word comes in: files, the watched folder, fetched statements, pushed events; each booking once."""
