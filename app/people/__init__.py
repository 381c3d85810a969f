"""Who may sign in, what they may do, and their sessions."""
