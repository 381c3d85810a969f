"""What happened, as tables: on the screen, as Excel, as CSV, each file sealed. One file per report; Excel once, in ``workbook.py``."""
