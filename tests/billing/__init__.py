"""Bills as carriers make them, to the last minor unit."""
