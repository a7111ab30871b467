"""The command line as ``python -m bioimg_kg.cli``."""

from bioimg_kg.cli import main

if __name__ == "__main__":
    main()
