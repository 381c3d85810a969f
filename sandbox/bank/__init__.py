"""The bank where the institution has its accounts: what was booked, in four statement formats."""
