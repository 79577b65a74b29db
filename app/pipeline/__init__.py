"""Judgement: may this project move? Gates, moves, endings, transfers, phases, the board."""
