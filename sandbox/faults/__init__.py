"""The fault desk: what may go wrong at a biller's door, on demand and counted."""
