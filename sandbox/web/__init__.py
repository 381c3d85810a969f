"""HTTP/1.1 as the outside world needs it: thin, one thread a connection, able to misbehave on demand."""
