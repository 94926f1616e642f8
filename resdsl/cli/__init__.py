"""The command line: the top floor, and the only place that prints."""
