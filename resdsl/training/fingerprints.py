"""Is it the same run? Short digests of a network and of a recipe, the same in every framework."""

from __future__ import annotations

import hashlib
import json

from resdsl.ir.graph import Graph
from resdsl.recipes.recipe import Recipe
from resdsl.recipes.text import recipe_to_json

#: Digits of a digest: enough to tell any two apart that anybody will compare.
DIGITS = 16


def of_network(graph: Graph) -> str:
    """What the network computes: its operations with their arguments, values and weights.

    The text of its file does not count, nor how blocks are cut, but for the names of weights.
    """
    nodes = [[repr(node.op), node.inputs, node.outputs] for node in graph.nodes]
    places = {id(node): place for place, node in enumerate(graph.nodes)}
    weights = [[w.name, w.weight.shape, places[id(w.node)]] for w in graph.weights]
    again = [[places[id(n)], places[id(n.again)]] for n in graph.nodes if n.again is not None]
    inputs = [[i.name, i.value, str(graph.types[i.value])] for i in graph.inputs]
    return _digest([inputs, nodes, weights, again, graph.outputs])


def of_recipe(recipe: Recipe) -> str:
    """What the recipe says, but for its name and the place of its data."""
    said = recipe_to_json(recipe)
    del said["name"]
    said["data"].pop("path", None)
    return _digest(said)


def _digest(data: object) -> str:
    text = json.dumps(data, sort_keys=True, separators=(",", ":"))
    return hashlib.sha256(text.encode()).hexdigest()[:DIGITS]
