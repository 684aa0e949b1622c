"""The operations: one module a resource, one function an operation.

A module declares the shapes of its components (which column fills which field), the listings made
of them, and for each operation a function named by its operationId. Functions get a `Reader`,
which is already limited to the caller's account and to the fields that the caller may see, and
the operation's parameters by name.

Imports models and the reading helpers: neither Connexion nor policies nor tokens.
"""
