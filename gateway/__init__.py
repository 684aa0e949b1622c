"""The engine: everything that is derived from the document, the policies and the handlers.

ARCHITECTURE.md has the way of a request through these modules, and who may import whom.
"""

import warnings

# Connexion 3.3 imports Starlette's test client when it is imported itself; that one warns about
# the httpx that Connexion depends on. Nothing here uses it.
warnings.filterwarnings("ignore", message="Using `httpx` with `starlette.testclient`")
