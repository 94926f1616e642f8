"""`python -m resdsl`: the command line where the console script is not on the path."""

import sys

if __name__ == "__main__":
    # Imported only when run: tools that walk the package's modules should not pay for it.
    from resdsl.cli.main import main

    sys.exit(main())
