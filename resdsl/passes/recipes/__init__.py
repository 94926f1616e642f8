"""From a `recipe` of a `.res` file, and what the command line changes in it, to a `Recipe`."""

from resdsl.passes.recipes.pick import complete_recipes, load_recipe, recipe_names
from resdsl.passes.recipes.settings import split_settings

__all__ = ["complete_recipes", "load_recipe", "recipe_names", "split_settings"]
