"""Pictures of networks, as papers draw them.

    scene       graph -> boxes and arrows: what is drawn, at one of four levels of detail
    lanes       boxes -> rows and lanes: what stands above and beside what
    place       rows and lanes -> coordinates, several networks side by side
    svg         the figure as SVG; mermaid, dot: the scene for the tools of that name

Each stage reads the one before it alone, and all of it is deterministic.
"""
