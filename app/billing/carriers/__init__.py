"""The four carriers' own rules, one file each: what a contract and a cycle make of a bill."""
