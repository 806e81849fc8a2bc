"""The doors of assignment."""

from __future__ import annotations

from chassis.entrypoints import Room, does
from services.pipeline.assignment import handing_over


class Assignment(Room):
    hand_over_leads = does(
        handing_over.HAND_OVER, handing_over.note_hand_over, asks=handing_over.ask_for_hand_over
    )  # fmt: skip
