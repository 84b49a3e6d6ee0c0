"""What ApplicationSets generate, by Argo CD's own code and without a network.

The program ``gitopsmith-appset`` is Argo CD's generators and templates (Go module ``helper/appset``). Its git
generators read the linted repository; what it yields of any other repository is not believed. Generators that ask a
cluster or a service get what ``.gitopsmith.yaml`` says about them.
"""

from gitopsmith.appset.expander import Expander, expander
from gitopsmith.appset.expansion import NOT_EXPANDED, Expansion, Generated, Refusal
from gitopsmith.appset.origins import generators

__all__ = ["NOT_EXPANDED", "Expander", "Expansion", "Generated", "Refusal", "expander", "generators"]
