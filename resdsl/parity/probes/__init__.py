"""Every value on the way through a network: recorded, or made anew from the reference's.

    patterns   which values are looked at          streams   their sections on disk, one by one
    work       the worker's part                   session   starts it, after a comparison or in one

A probed run is made beside the plain one, which runs the network as users do. In the mode `record`
the sections `values`, `values-train` and `gradients-values` keep what flows. In the mode `force`
every operation is handed what the reference had there, forwards and backwards, so that `forced`,
`forced-train`, `forced-gradients-values`, `forced-gradients` and `forced-statistics` hold what each
single operation makes of the reference's own numbers.
"""
