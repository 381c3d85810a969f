"""The book: accounts and two-sided postings. It has never heard of an agent's name, a bill or a bank file."""
