"""The command line: `gateway`. One module a command group; `commands.py` puts them together."""


def main() -> None:
    """Run the command that the process was started with."""
    from gateway.cli.commands import app

    app(prog_name="gateway")
