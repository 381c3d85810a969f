"""What the institution tells its shops and its own people, dated, with proof of who has read it."""
