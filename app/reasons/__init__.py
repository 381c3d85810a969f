"""Ready reasons: the sentences people choose from where a reason is asked. Dated data, a list for each purpose."""
