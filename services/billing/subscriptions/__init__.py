"""Memberships that go on by themselves: their cycles, what each one is charged, and how they pause and end."""
