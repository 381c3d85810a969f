"""What can be changed: one file for each kind, see ``app/changes/kind.py``."""
