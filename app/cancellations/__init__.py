"""Second thoughts: a paid bill is cancelled the same day, with a form, an identity card and a decision (C-01 … C-08)."""
