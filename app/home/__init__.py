"""The first page of each role: the counter for shops, the work queues for the institution."""
