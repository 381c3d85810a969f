"""SMS and mail: what the product sent, and what people send to it."""
