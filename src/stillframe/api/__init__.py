"""The HTTP door (FastAPI routers, problems, auth)."""
