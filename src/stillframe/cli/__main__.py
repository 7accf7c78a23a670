"""The command, for `python -m stillframe.cli`: the same as the script `stillframe`."""

from stillframe.cli import main

if __name__ == "__main__":
    main()
