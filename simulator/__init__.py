"""The independent other side: a carrier that behaves like Twilio over loopback HTTP. Shares no code with the product."""
