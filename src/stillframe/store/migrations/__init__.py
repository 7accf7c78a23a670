"""The history of the schema: one file a version, run by `store.schema` and by nothing else."""
