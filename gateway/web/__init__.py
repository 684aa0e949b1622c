"""The Settings pages: server-rendered, of use without JavaScript, under `/settings`.

site.py        all pages, assembled
view.py        what a page declares: its path, its functions, who may call them
page.py        what a page's function gets: user, account, role, form, and ways to answer
refusals.py    why a page is not shown
endpoint.py    one page as an ASGI application: every guard, then the function in a thread
forgery.py     whether a POST comes from a page of ours
cookies.py     the session's cookie
links.py       addresses within the pages, and where a sign-in may lead back to
forms.py       fields, their errors, what is kept of them
rendering.py   templates, and the filters that they use
assets.py      style and script, under names that change with their content
navigation.py  what the pages' menu lists
pages/         one module a page

A page declares itself in a module of `pages/`; CONTRIBUTING.md, "Adding a page". Functions are
plain ones: they run in a worker thread, with a connection to the database open, so they call
`gateway.accounts`, `gateway.tokens` and the like directly, and may take the time of a password's
hash. `handlers/` is not known here.
"""
