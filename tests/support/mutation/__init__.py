"""Mutation testing of parity: faults put into generated source, and whether they are found."""
