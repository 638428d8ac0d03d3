"""A conversation with a function, in twenty lines. Start a gateway first: `make demo`.

The same program talks to Deepgram:
    python conversation.py wss://agent.deepgram.com/v1/agent/converse "$DEEPGRAM_API_KEY"
"""

import asyncio
import sys

from turngate.client import Client, agent, settings

URL, KEY = (*sys.argv[1:], "ws://127.0.0.1:8080/v1/agent/converse", "")[:2]
client = Client(URL, settings("You tell the time."), key=KEY or None)


@client.function
def get_time(city: str) -> str:
    """Tell the time in a city."""
    return f"12:30 in {city}"


async def main() -> None:
    """Ask once, and listen to the end of the answer."""
    async with client:
        await client.say("what time is it in Paris?")
        async for event in client:
            if isinstance(event, agent.ConversationText):
                print(f"{event.role}: {event.content}")
            elif isinstance(event, agent.AgentAudioDone):
                break


asyncio.run(main())
