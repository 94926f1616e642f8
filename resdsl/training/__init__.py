"""Training: one recipe in any framework, in run folders that can be resumed.

Nothing is imported here: the command line reads settings without loading NumPy.
"""
