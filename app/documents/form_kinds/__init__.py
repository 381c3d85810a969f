"""What stands on the forms that people sign: a declaration for each, in English; the templates arrange it on the page."""
