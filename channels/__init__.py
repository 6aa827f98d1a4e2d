"""One adapter per carrier: verify, parse, send. Carrier words end here."""
