"""What every service rides on: doors, transactions, the event log, calls, jobs. It knows no contact and no invoice."""

import warnings

# nameko rides on eventlet; that it must go one day is decided (docs/decisions), and not news at every start.
warnings.filterwarnings("ignore", message=r"\s*Eventlet is deprecated")
