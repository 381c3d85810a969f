"""What every page stands on: who is asking, guards, languages, headers, refusals and how values are shown."""
