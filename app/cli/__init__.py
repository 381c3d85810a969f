"""Flask's commands for the operators of the servers: a file for each group. Exit 0 done, 1 refused (one line says why), 2 wrong usage."""
