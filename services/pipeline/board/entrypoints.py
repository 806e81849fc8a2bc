"""The door of the board."""

from __future__ import annotations

from chassis.entrypoints import Room, serves
from contracts.pipeline import board
from services.pipeline.board import queries


class Board(Room):
    get_board = serves(board.get_board, queries.get_board)
