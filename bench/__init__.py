"""The benchmarks: one file each, one command prints one table, peers side by side."""
