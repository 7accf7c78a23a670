"""Two snapshots in, one Diff out (quiet)."""

from stillframe.diff.compute import Comparable, compute_diff

__all__ = ["Comparable", "compute_diff"]
