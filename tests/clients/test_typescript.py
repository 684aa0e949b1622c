"""A TypeScript program is held to what the published document says."""


def test_program_may_do_what_is_documented_and_nothing_else(type_check):
    type_check("program.ts")
