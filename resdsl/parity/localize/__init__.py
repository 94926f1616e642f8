"""Localisation: from probed traces to the operations that make a difference, and to its cause.

flow       the graph as it is walked        local        differences that are created, not inherited
trials     what is to be tried              laboratory   has it tried, in a worker of its own
match      what reproduces the number       find         all of it, line by line
words      the diagnostic
"""
