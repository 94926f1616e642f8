"""A group of commands whose modules are imported when they are called, not for `--help`."""

from __future__ import annotations

from collections.abc import Mapping
from importlib import import_module
from typing import Any

import click


class LazyGroup(click.Group):
    """Commands by name: `check` is the attribute `check` of the module `check` in a package.

    `briefs` has a line for each, so that listing them imports none.
    """

    def __init__(
        self, *args: Any, commands_in: str, briefs: Mapping[str, str], **settings: Any
    ) -> None:
        super().__init__(*args, **settings)
        self._package = commands_in
        self._briefs = briefs

    def list_commands(self, ctx: click.Context) -> list[str]:
        return list(self._briefs)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        if cmd_name not in self._briefs:
            return None
        module = import_module(f"{self._package}.{cmd_name}")
        command: click.Command = getattr(module, cmd_name)
        return command

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        name = args[0]
        if name not in self._briefs and not name.startswith("-"):
            from difflib import get_close_matches

            near = get_close_matches(name, self._briefs, 1)
            hint = f" Did you mean {near[0]}?" if near else ""
            ctx.fail(f"There is no command {name!r}.{hint}")
        return super().resolve_command(ctx, args)

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        with formatter.section("Commands"):
            formatter.write_dl(list(self._briefs.items()))
