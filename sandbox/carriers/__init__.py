"""The four carriers: how their numbers look and how they make a bill. One file each."""
