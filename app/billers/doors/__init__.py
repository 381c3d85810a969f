"""One file for each protocol by which billers are reached."""
