"""How is one name asked for? IPv6 and IPv4 together, each of its forms in turn, server after server, more than once."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from typing import NamedTuple

from signalbox.resolver import packets
from signalbox.resolver.network import Asker, Network, Server
from signalbox.resolver.packets import Answer

QUICK = 0.25  # seconds in which most names are answered
_ROUND = 1.0  # seconds in which each server is asked once; the next round takes twice as long
_OTHER_FAMILY = 0.25  # seconds that a name's second address family may take longer than its first
_SILENCE_TTL, _ERROR_TTL = 2.0, 1.0
_NONE: frozenset[bytes] = frozenset()


class Reply(NamedTuple):
    """What name servers said: addresses, else the problem; `ttl` seconds it may be remembered."""

    addresses: tuple[str, ...] = ()
    problem: str = ""
    ttl: float = 0.0
    silent: bool = False  # did nobody answer?
    took: float = 0.0  # seconds since the first question was sent


class Asking(Asker):
    """One name on its way. `ended` is told the reply once; `slow` once when it is not there within QUICK seconds."""

    __slots__ = (
        "_answers",
        "_by_tcp",
        "_calm",
        "_current",
        "_due",
        "_ended",
        "_enough",
        "_forms",
        "_last",
        "_left",
        "_network",
        "_open",
        "_over",
        "_patience",
        "_plain",
        "_questions",
        "_refusals",
        "_round",
        "_servers",
        "_share",
        "_slow",
        "_started",
        "_turns",
        "_unreachable",
        "_until",
        "_wake",
        "sent",
    )

    def __init__(
        self,
        forms: Sequence[str],
        servers: Sequence[Server],  # at least one, each once
        patience: float,
        network: Network,
        *,
        ended: Callable[[Reply], None],
        slow: Callable[[], None],
    ) -> None:
        self._forms, self._servers, self._patience = iter(forms), servers, patience
        self._network, self._ended, self._slow = network, ended, slow
        self._turns = network.turns
        self._last = Answer((), "the name cannot be looked up", _ERROR_TTL)
        self._current: Server | None = None
        self._unreachable: frozenset[Server] = frozenset()
        self._over = False
        self.sent = []

    def start(self) -> None:
        """Send the first questions. Its patience runs from here, so it does not matter how long it had to wait."""
        self._started, begin = time.perf_counter(), self._turns.now
        self._until, self._calm = begin + self._patience, begin + QUICK
        self._wake_at(min(self._calm, self._until))
        self._ask_next_form()

    def abandon(self) -> None:
        """Forget about it."""
        self._over = True
        self._forget()

    def take(self, question: bytes, server: Server, answer: Answer) -> None:
        """A server answered: with addresses, that there are none, or that it cannot tell."""
        if question not in self._open:
            return
        self._network.heard(server)
        if answer.truncated:
            if question not in self._by_tcp:
                self._by_tcp |= {question}
                self._network.ask_by_tcp(server, question, self)
        elif answer.rcode == packets.FORMERR and question not in self._plain:
            self._plain |= {question}
            self._network.ask(server, [question], self, edns=False)
        elif not answer.final:
            self._by_tcp -= {question}
            self._refuse(question, server, answer.problem)
        else:
            self._settle(question, answer)

    def pass_by(self, server: Server) -> None:
        """Nobody listens there: on to the next server at once. When none is left, the next round comes in its time."""
        if not self._over and server == self._current:
            self._unreachable |= {server}
            self._ask_next_server()

    def tend(self) -> None:
        """Do what is due, and come back when more is."""
        now = self._turns.now
        if self._over or now < self._wake:
            return
        if now >= self._calm:
            self._calm = float("inf")
            self._slow()
        if now >= self._enough:
            self._end_form()
        elif now >= self._until:
            self._give_up()
        elif now >= self._due:
            self._try_again()
        if not self._over:
            self._wake_at(min(self._calm, self._enough, self._until, self._due))

    def _begin(self, questions: tuple[bytes, ...]) -> None:
        """Begin with a form of the name."""
        self._open = dict.fromkeys(questions)
        self._questions = questions
        self._answers: dict[bytes, Answer] = {}
        self._refusals: dict[bytes, dict[Server, str]] = {}
        self._by_tcp = self._plain = _NONE
        self._left: list[Server] = []  # to ask in this round
        self._round = 0
        self._due = self._enough = float("inf")

    def _wake_at(self, due: float) -> None:
        self._wake = due
        self._turns.at(due, self.tend)

    def _ask_next_form(self) -> None:
        self._forget()
        for form in self._forms:
            if (questions := packets.questions(form)) is not None:
                self._begin(questions)
                self._ask_next_round()
                return
        self._end(self._last)

    def _ask_next_round(self) -> None:
        self._left = self._network.best_first(self._servers)
        self._share = _ROUND * 2**self._round / len(self._left)
        self._round += 1
        self._ask_next_server()

    def _ask_next_server(self) -> None:
        """Ask the next server of this round that can be reached; nobody when there is none."""
        while self._left:
            server = self._current = self._left.pop(0)
            self._due = self._turns.now + self._share
            if self._wake > self._due:
                self._wake_at(self._due)
            questions = [question for question in self._open if question not in self._by_tcp]
            if self._network.ask(server, questions, self, edns=not self._plain):
                return
            self._unreachable |= {server}

    def _try_again(self) -> None:
        """The time of a try is over. When all servers were asked, those that could not tell decide."""
        self._network.waited_for(self._current)
        if self._left:
            self._ask_next_server()
            return
        refused = [question for question in self._open if question in self._refusals]
        answered = len(refused) == len(self._open)
        for question in refused:
            self._settle(question, self._refusal(question))
        if not answered:
            self._ask_next_round()

    def _refuse(self, question: bytes, server: Server, problem: str) -> None:
        refusals = self._refusals.setdefault(question, {})
        refusals[server] = problem
        if len(refusals) == len(self._servers):
            self._settle(question, self._refusal(question))
        elif server == self._current:
            self._ask_next_server()

    def _refusal(self, question: bytes) -> Answer:
        problem = next(reversed(self._refusals[question].values()))
        return Answer((), f"the name server could not tell ({problem})", _ERROR_TTL)

    def _settle(self, question: bytes, answer: Answer) -> None:
        del self._open[question]
        self._answers[question] = answer
        if not self._open:
            self._end_form()
        elif answer.addresses:
            self._enough = self._turns.now + _OTHER_FAMILY
            if self._wake > self._enough:
                self._wake_at(self._enough)

    def _end_form(self) -> None:
        """Addresses of both families, IPv6 first, as far as they came; else it is the next form's turn."""
        answers = [self._answers[question] for question in self._questions if question in self._answers]
        best = [answer for answer in answers if answer.addresses] or answers
        last = best[-1]
        if len(best) == 2:
            last = Answer(best[0].addresses + last.addresses, last.problem, min(best[0].ttl, last.ttl))
        self._last = last
        if last.addresses:
            self._end(last)
        else:
            self._ask_next_form()

    def _give_up(self) -> None:
        refused = next((question for question in self._open if question in self._refusals), None)
        if refused is not None:
            self._end(self._refusal(refused))
        elif len(self._unreachable) == len(self._servers):
            self._end(Answer((), "no name server can be reached", _SILENCE_TTL), silent=True)
        else:
            problem = f"no name server answered within {self._patience:g} s"
            self._end(Answer((), problem, _SILENCE_TTL), silent=True)

    def _end(self, answer: Answer, *, silent: bool = False) -> None:
        self.abandon()
        took = time.perf_counter() - self._started
        self._ended(Reply(answer.addresses, answer.problem, answer.ttl, silent, took))

    def _forget(self) -> None:
        for place, number in self.sent:
            place.forget(number)
        self.sent.clear()
