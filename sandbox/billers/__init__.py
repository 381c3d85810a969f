"""What a carrier's own computer knows and decides, whatever door the question came through."""
