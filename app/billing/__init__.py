"""Bills as carriers make them: pure, no database, no Flask; used by the product and by the sandbox's carriers."""
