"""Trajectory parity: the generated trainers run side by side, and every step is compared.

settings   what is asked for      orders     a worker's part of it, and the steps it writes
worker     carries out orders     session    files, workers, and the comparison as they go
masks      what dropouts drop     compare    two states
judge      who stays, who leaves  report     the result as data and as words
plot       distances over steps
"""
