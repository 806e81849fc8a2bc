"""Whom contacts bring along, by a code of their own or with a buddy pass, and how far those came."""
