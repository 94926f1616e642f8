"""The grammars, packaged as `resdsl.grammars`: data that the parser and editors read."""
