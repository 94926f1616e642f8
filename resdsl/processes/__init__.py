"""Worker processes: how they are started and stopped, and how they report.

Bottom floor: parity and training run their frameworks in such processes. A worker reads a plan,
a file, and says one JSON object a line on its standard output.
"""
