"""Recipes: how a network is trained, the same in every framework."""
