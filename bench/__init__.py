"""Speed as ratios: each case interleaved with its limit inside one run, on the same server, in the same minutes."""
