"""The same verbs as JSON under ``/api/v1`` (contract.md §5)."""
