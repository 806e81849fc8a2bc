"""Orders that are paid by instalments: what each comes to and when it is due, and how far the plan is paid."""
