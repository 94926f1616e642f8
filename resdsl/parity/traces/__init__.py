"""Traces that travel: what one worker computed, as one file, and the comparison of such files.

    record       runs one backend and packs what it computed
    pack         many files of arrays into one, bit by bit, and back
    description  what the file says of itself, and how far that is to be believed
    judged       several files, judged as `parity` judges
    fields       reads JSON that may hold anything

The format is described in docs/trace-format.md.
"""
