"""Peers in Python, each an ASGI application for uvicorn. None imports the gateway's engine."""
