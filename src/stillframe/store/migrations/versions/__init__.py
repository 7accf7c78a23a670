"""The versions of the schema, in the order that `down_revision` gives."""
