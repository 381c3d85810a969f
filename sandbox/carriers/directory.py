"""Who is behind which door. A fifth carrier is a file beside the others and a name here."""

from sandbox.carriers.azercell import Azercell
from sandbox.carriers.carrier import Carrier
from sandbox.carriers.masmovil import Masmovil
from sandbox.carriers.millenicom import Millenicom
from sandbox.carriers.vodafone_hu import VodafoneHungary

CARRIERS: dict[str, Carrier] = {carrier.code: carrier for carrier in (Millenicom(), Azercell(), Masmovil(), VodafoneHungary())}
CODES = tuple(CARRIERS)
