"""The columns of the board: their names, their order, and what it means to stand in one."""
