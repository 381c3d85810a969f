"""Money that leaves by a file to the bank: returned deposits and what is left to a shop that closes."""
