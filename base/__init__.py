"""What every room stands on: settings, database, bus, clock, crypto, audit ledger, errors, log."""
