"""`gateway policy`: what the policies reveal, and whether they hold.

check.py            `check` and `test`: do they hold
matrix.py           `matrix`: who is shown what; as a table in matrix_table.py, as CSV and JSON
                    in matrix_data.py, as a page in matrix_page.py
explain.py          `explain`: why
diff.py             `diff`: what a change reveals; told in diff_text.py
given.py            what the commands look at; revisions.py: as it was in git
wording.py          words that several of them use
"""

import typer

from gateway.cli.policy import check, diff, explain, matrix

commands = typer.Typer()
group = typer.Typer(help="Policies: who is shown which field, and how.")
commands.add_typer(group, name="policy", no_args_is_help=True)
for module in (check, matrix, explain, diff):
    group.add_typer(module.commands)
