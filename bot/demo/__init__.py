"""`vignette demo`: the same client on a simulated Discord, played as a member, each answer checked.

`stage` builds the sample index and runs the client, `story` plays and checks with `props`, `chat` reads what was said,
`page` writes it as a page, `browser` photographs that. Nothing here is needed to run the bot.
"""

from bot.demo.stage import Demo, run_demo

__all__ = ["Demo", "run_demo"]
