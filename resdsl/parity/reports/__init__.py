"""What a comparison leaves for others to read: JSON for programs, JUnit XML for continuous
integration, a page for people.

    json    plain data, with a number that says which form it has
    junit   a suite of test cases
    page    one self-contained HTML page       plot    its curves

Each makes a text of a `Report`; none reads a trace.
"""
