"""Creditors, debtors, their addresses and debts."""
