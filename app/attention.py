"""What a person must look at, as every slice reports it (``/exceptions``)."""

from dataclasses import dataclass, field
from datetime import datetime


@dataclass(frozen=True)
class Attention:
    """
    :ivar kind: dotted name, such as ``payment.unknown``
    :ivar ref: the thing's own number
    :ivar say: the sentence, marked with ``N_``, its ``facts`` as ``{names}``
    :ivar endpoint: the page where something can be done, with its ``arguments``
    """

    kind: str
    ref: str
    since: datetime
    say: str
    endpoint: str
    facts: dict[str, object] = field(default_factory=dict)
    arguments: dict[str, str] = field(default_factory=dict)
