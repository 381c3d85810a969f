"""Papers that come in by mail or over a desk: each finds its request, or a person who sorts it."""
