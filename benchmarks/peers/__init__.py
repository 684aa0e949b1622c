"""The servers that the gateway is measured against."""
