"""What is public beside the API: the document, the page to try it, and the health of the server.

health.py     /livez, /readyz
documents.py  {base path}/openapi.json and .yaml
docs.py       /docs and its assets
"""
