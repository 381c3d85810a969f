"""The shops: their numbers, their state, their balance and statement."""
