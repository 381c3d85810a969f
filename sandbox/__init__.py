"""The outside world as a program of its own: four carriers, a bank, an SMS gateway, a mailbox, a fault desk."""
