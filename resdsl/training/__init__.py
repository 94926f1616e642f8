"""Training: one recipe, run in every framework. Each framework works in a process of its own."""
