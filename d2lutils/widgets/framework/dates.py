"""A little encoder–decoder for where no other is at hand: English dates into French ones."""

from functools import cache

import torch
import torch.nn.functional as F
from torch import nn

from d2lutils.widgets.framework import translation

BOS, EOS = "<bos>", "<eos>"


class Dates(nn.Module):
    """Encoder, additive attention and decoder with 32 units."""

    def __init__(self, source, target, hidden=32, wide=16):
        super().__init__()
        self.source, self.target = (
            nn.Embedding(source, wide),
            nn.Embedding(target, wide),
        )
        self.encoder = nn.GRU(wide, hidden, batch_first=True, bidirectional=True)
        self.bridge = nn.Linear(2 * hidden, hidden)
        self.query, self.key = nn.Linear(hidden, 24), nn.Linear(2 * hidden, 24)
        self.score = nn.Linear(24, 1, bias=False)
        self.decoder = nn.GRU(wide + 2 * hidden, hidden, batch_first=True)
        self.output = nn.Linear(hidden, target)

    def forward(self, X, Y):
        states, ends = self.encoder(self.source(X))
        s = self.bridge(ends.transpose(0, 1).flatten(1)).tanh()
        logits = []
        for word in Y.T:
            both = (self.query(s).unsqueeze(1) + self.key(states)).tanh()
            context = (self.score(both).softmax(1) * states).sum(1)
            given = torch.cat([self.target(word), context], 1).unsqueeze(1)
            s = self.decoder(given, s.unsqueeze(0))[1][0]
            logits.append(self.output(s))
        return torch.stack(logits, 1)


@cache
def trained():
    """(English words, French words, net): dates, whose order differs in the two languages."""
    from babel.dates import get_day_names, get_month_names

    day, month = (
        [
            [name.lower() for _, name in sorted(get("wide", locale=code).items())]
            for code in ("en", "fr")
        ]
        for get in (get_day_names, get_month_names)
    )
    numbers = [str(n) for n in range(1, 32)]
    english = [EOS, ",", *day[0], *month[0], *numbers]
    french = [BOS, EOS, *day[1], *month[1], *numbers]
    generator = torch.Generator().manual_seed(0)
    with torch.random.fork_rng(devices=[]):  # the reader's seed stays where it is
        torch.manual_seed(0)
        net = Dates(len(english), len(french))
        optimizer = torch.optim.Adam(net.parameters(), lr=0.01)
        for _ in range(200):
            d, m, n = (
                torch.randint(size, (64,), generator=generator) for size in (7, 12, 31)
            )
            comma, end = torch.ones_like(d), torch.zeros_like(d)
            X = torch.stack([d + 2, comma, m + 9, n + 21, end], 1)
            Y = torch.stack([end, d + 2, n + 21, m + 9, end + 1], 1)
            optimizer.zero_grad()
            logits = net(X, Y[:, :-1]).flatten(0, 1)
            F.cross_entropy(logits, Y[:, 1:].flatten()).backward()
            optimizer.step()
    return english, french, translation.convert(net)
