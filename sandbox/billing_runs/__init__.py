"""The carriers' nights: bills are issued, accounts charged, bills paid away from the counter, one day after the other."""
