"""Webhooks from the import to receivers, under receivers that fail and processes that are killed.

writing.py     an account, its endpoints, and imports that make events
receivers.py   servers on the loopback, each with a way to misbehave
worker.py      a process that delivers, with delays short enough to watch
arrivals.py    10,000 events to five receivers: what arrived, how fast, in which order
kills.py       `kill -9` of server and import at random moments: what was lost
"""
