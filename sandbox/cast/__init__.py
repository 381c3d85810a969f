"""The cast: subscribers with fixed numbers who play the worked examples of the carriers, the same in every store."""
