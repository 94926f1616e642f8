"""Random networks through all backends: written, compiled, run, compared, and made small where
something is wrong. `resdsl fuzz` is its command."""
