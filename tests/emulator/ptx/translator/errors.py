"""What ends a translation."""


class TranslationError(Exception):
    """Something in the PTX that the translator does not know, or knows to be wrong.

    It never guesses: whatever is not in its tables ends the translation with this one line.
    """

    def __init__(self, reason: str, text: str, line: int) -> None:
        super().__init__(f"line {line}: {reason}: {' '.join(text.split())}")
