"""Gişe: bill collection for a payment institution and its shops."""
