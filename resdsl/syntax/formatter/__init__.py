"""`resdsl fmt`: the one way a `.res` file is laid out.

The syntax tree knows no comments and no lines, so this works on the words of the text: `reader`
puts them into statements, bodies and brackets, `layout` writes those down again, and `meaning`
insists that nothing but the layout has changed.
"""

from __future__ import annotations

from resdsl.syntax.formatter.front import format_source as format_source
from resdsl.syntax.formatter.front import on_one_line as on_one_line
