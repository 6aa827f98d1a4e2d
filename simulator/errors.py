"""Twilio's error answers: code, words, address of the explanation, HTTP status."""

from __future__ import annotations

WORDS = {
    11200: "HTTP retrieval failure",
    12300: "Invalid Content-Type",
    20001: "Invalid parameter {0}",
    20003: "Authenticate",
    20004: "Method not allowed",
    20009: "The message has not reached its final status and cannot be deleted yet",
    20404: "The requested resource {0} was not found",
    20409: "{0}",
    20429: "Too many requests",
    20500: "Internal Server Error",
    21211: "The 'To' number {0} is not a valid phone number.",
    21212: "The 'From' number {0} is not a valid phone number, shortcode, or alphanumeric sender ID.",
    21266: "'To' and 'From' number cannot be the same: {0}",
    21408: "Permission to send an SMS has not been enabled for the region indicated by the 'To' number: {0}",
    21602: "Message body is required.",
    21603: "A 'From' phone number is required.",
    21604: "A 'To' phone number is required.",
    21606: "The 'From' phone number {0} is not a valid, message-capable number of this account.",
    21609: "The 'StatusCallback' URL {0} is not a valid URL.",
    21610: "Attempt to send to unsubscribed recipient {0}",
    21611: "The 'From' number {0} has exceeded the maximum number of queued messages",
    21612: "The message cannot be sent with the current combination of 'To' {0} and 'From' {1}",
    21614: "'To' number {0} is not a valid mobile number",
    21617: "The concatenated message body exceeds the 1600 character limit",
    21620: "Invalid media URL(s)",
    21623: "Number of media files exceeds allowed limit",
    21624: "The validity period is invalid: it must be between 1 and 36000 seconds.",
    21655: "The ContentSid {0} is invalid",
    21656: "The ContentVariables parameter is invalid.",
    21705: "The Messaging Service Sid {0} is invalid.",
    21910: "Invalid From and To pair. From and To should be of the same channel",
    30001: "Queue overflow",
    30002: "Account suspended",
    30003: "Unreachable destination handset",
    30004: "Message blocked",
    30005: "Unknown destination handset",
    30006: "Landline or unreachable carrier",
    30007: "Message filtered",
    30008: "Unknown error",
    30036: "Validity Period Expired",
    35111: "SendAt timestamp is missing",
    35114: "SendAt time must be between 900 seconds and 35 days in the future",
    35118: "MessagingServiceSid is required to schedule a message",
    63003: "Channel could not find To address",
    63007: "Could not find a Channel with the specified From address",
    63016: "Failed to send freeform message because you are outside the allowed window. Please use a Template.",
    63018: "Rate limit exceeded for Channel",
    63019: "Media failed to download",
    63021: "Channel invalid content error",
    63024: "Invalid message recipient",
    63028: "Number of parameters provided does not match the expected number of params",
    63032: "User is part of an experiment and cannot be reached",
    63038: "Account exceeded the daily messages limit",
}


class TwilioError(Exception):
    """A request is refused in Twilio's words. Nothing was accepted."""

    def __init__(self, code: int, *about: str, status: int = 400, headers: dict[str, str] | None = None) -> None:
        self.code = code
        self.status = status
        self.message = WORDS.get(code, "The request was refused").format(*about, *("", ""))
        self.headers = headers or {}
        super().__init__(f"{code}: {self.message}")

    def to_json(self) -> dict[str, object]:
        """The body of the answer."""
        explained = f"https://www.twilio.com/docs/errors/{self.code}"
        return {"code": self.code, "message": self.message, "more_info": explained, "status": self.status}
