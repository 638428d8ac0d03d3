"""What the ears know by themselves: the sentences of the demo, and the names that go into them.

The sentences are JSGF: `[word]` may be left out, `(a | b)` is a choice, `<city>` a name of that
list. A sentence is understood word for word or not at all, so each has its common variants here.
Source: W3C note of 5 June 2000, JSpeech Grammar Format.
"""

CITIES = (
    "Amsterdam", "Athens", "Barcelona", "Beijing", "Berlin", "Boston", "Cairo", "Chicago", "Delhi",
    "Dublin", "Edinburgh", "Frankfurt", "Geneva", "Hamburg", "Helsinki", "Hong Kong", "Houston",
    "Istanbul", "Kyoto", "Lisbon", "London", "Los Angeles", "Madrid", "Melbourne", "Miami", "Milan",
    "Montreal", "Moscow", "Munich", "New York", "Osaka", "Oslo", "Paris", "Prague", "Rome",
    "San Francisco", "Seattle", "Singapore", "Stockholm", "Sydney", "Tokyo", "Toronto", "Vienna",
    "Warsaw", "Washington", "Zurich",
)  # fmt: skip

PRODUCTS = (
    "apples", "bananas", "blue shirt", "boots", "coffee", "hat", "headphones", "jacket", "keyboard",
    "lamp", "milk", "notebook", "pizza", "red shirt", "shoes", "tea", "umbrella", "watch",
)  # fmt: skip

DIGITS = ("zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine")

SLOTS = {"city": CITIES, "product": PRODUCTS, "digit": DIGITS}
"""The lists that sentences may name."""

SENTENCES = (
    # Small talk
    "hello [there]",
    "hi [there]",
    "good (morning | afternoon | evening)",
    "how are you [today]",
    "who are you",
    "what is your name",
    "what can you do",
    "can you help me",
    "help [me] [please]",
    "thank you [very much]",
    "thanks",
    "goodbye",
    "bye bye",
    "yes [please]",
    "no [thank you]",
    "stop [it] [please]",
    "please repeat that",
    "say that again [please]",
    "tell me a joke",
    "tell me a [long] story",
    # Time and weather
    "what time is it [now] [in <city>]",
    "what is the time [in <city>]",
    "tell me the time [in <city>]",
    "what day is it [today]",
    "what is the date [today]",
    "(what is | how is) the weather [like] [today] [in <city>]",
    "what is the weather like in <city> today",
    "what is the weather in <city> (today | tomorrow)",
    "tell me the weather [in <city>]",
    "will it rain [today | tomorrow] [in <city>]",
    "is it (raining | cold | warm | sunny) in <city>",
    "what is the temperature in <city>",
    # Dice
    "roll (a | the) (die | dice)",
    "roll (two | three | four | five | six) dice",
    "roll a (die | dice) with (six | eight | ten | twelve | twenty) sides",
    # The shop
    "where is my order",
    "(track | check | cancel) my order",
    "what is the status of my order",
    "my order number is <digit>+",
    "(where is | track | check | cancel) order [number] <digit>+",
    "how much (is the | are the | is | are) <product>",
    "what is the price of [the] <product>",
    "do you have [a | an | any] <product>",
    "(is the | are the | is | are) <product> in stock",
    "[please] add [a | an | the | some | two | three] <product> to my (cart | order | basket)",
    "[please] remove the <product> from my (cart | order | basket)",
    "i want to (buy | order) [a | an | the | some | two | three] <product>",
    "(i would like | can i have) [a | an | the | some | two | three] <product> [please]",
    "what is in my (cart | basket)",
    "what do you sell",
    "what are your opening hours",
    "when (do you | are you) (open | close | closed)",
    "can i speak to a (person | human)",
)
"""What can be said, whatever tools the session has."""

ABILITIES = (
    "talk a little, tell the time and the weather in a city, roll dice, and mind a small shop"
)
"""The same for people, after "I can only"."""
