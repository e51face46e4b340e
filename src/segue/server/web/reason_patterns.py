"""Every form in which the pipeline gives a reason, a title or a word of explanation.

Placeholders say what stands there: see :data:`segue.server.web.sentences._FORMS`.
"""

from collections.abc import Mapping

from segue.server.web.language import later

NUMBERS: Mapping[str, str] = {
    "three": later("three"),
    "four": later("four"),
    "five": later("five"),
    "six": later("six"),
    "seven": later("seven"),
    "eight": later("eight"),
    "nine": later("nine"),
    "ten": later("ten"),
    "eleven": later("eleven"),
    "twelve": later("twelve"),
}
# Moods, and how music is: inside sentences.
WORDS: Mapping[str, str] = {
    "calm": later("calm"),
    "happy": later("happy"),
    "sad": later("sad"),
    "energetic": later("energetic"),
    "focus": later("focus"),
    "workout": later("workout"),
    "party": later("party"),
    "sleep": later("sleep"),
    "commute": later("commute"),
    "dark in mood": later("dark in mood"),
    "bright in mood": later("bright in mood"),
    "still": later("still"),
    "lively": later("lively"),
    "slow": later("slow"),
    "fast": later("fast"),
    "soft": later("soft"),
    "full of energy": later("full of energy"),
    "not for dancing": later("not for dancing"),
    "danceable": later("danceable"),
    "electric": later("electric"),
    "acoustic": later("acoustic"),
    "sung": later("sung"),
    "instrumental": later("instrumental"),
    "you": later("you"),
}
REASON_PATTERNS: tuple[str, ...] = (
    later("Because you loved %(track)s"),
    later("Because you rated %(track)s %(number)s stars"),
    later("Because you finished %(track)s"),
    later("Because you finished %(track)s twice"),
    later("Because you finished %(track)s %(number)s times"),
    later("Because you played %(track)s"),
    later("Because you picked the artist of %(track)s"),
    later("You loved it"),
    later("You rated it %(number)s stars"),
    later("You finished it"),
    later("You finished it twice"),
    later("You finished it %(number)s times"),
    later("You played it"),
    later("You picked its artist"),
    later("You loved it in %(month)s and have not played it since"),
    later("You loved it in %(month)s and have not played it since %(last)s"),
    later("You rated it %(number)s stars and have not played it since %(month)s"),
    later("You finished it and have not played it since %(month)s"),
    later("You finished it twice and have not played it since %(month)s"),
    later("You finished it %(number)s times and have not played it since %(month)s"),
    later("You played it and have not played it since %(month)s"),
    later("You picked its artist and have not played it since %(month)s"),
    later("From your library and have not played it since %(month)s"),
    later("Shares %(terms)s with %(track)s"),
    later("Shares %(terms)s with %(before)s before it"),
    later("By the artist of %(track)s"),
    later("Goes with %(track)s"),
    later("Sounds like %(track)s"),
    later("Similar to %(track)s"),
    later("Popular with listeners here"),
    later("Liked by listeners here"),
    later("You play %(term)s"),
    later("You play a lot of %(term)s"),
    later("You play the %(decade)ss"),
    later("You play a lot of the %(decade)ss"),
    later("From your library"),
    later("From the catalogue"),
    later("From your library; play or love something and this list learns"),
    later("From the catalogue; play or love something and this list learns"),
    later("New in your library: added in the last 24 hours"),
    later("New in your library: added in the last seven days"),
    later("New in your library: added in the last month"),
    later("You asked for %(mood)s; this is %(likes)s"),
    later("You asked for %(mood)s; this is marked %(tags)s"),
    later("You asked for %(mood)s; this is %(likes)s, and marked %(tags)s"),
    later("You asked for %(mood)s, and this suits it"),
    later("What is written of it is near “%(words)s”"),
    later("Fits what you say of yourself: %(facts)s"),
    later("For %(names)s"),
    later("Where you set out"),
    later("Where you wanted to arrive"),
    later("Still close to %(from_end)s, on the way to %(to_end)s"),
    later("Halfway between %(from_end)s and %(to_end)s"),
    later("About a quarter of the way from %(from_end)s to %(to_end)s"),
    later("About a third of the way from %(from_end)s to %(to_end)s"),
    later("About two thirds of the way from %(from_end)s to %(to_end)s"),
    later("About three quarters of the way from %(from_end)s to %(to_end)s"),
    later("Almost at %(to_end)s"),
    later("For you"),
    later("Played by people who play %(track)s"),
    later("%(track)s radio"),
    later("Discover"),
    later("Your radio"),
    later("Listeners like you"),
    later("You would love these, and do not own them"),
    later("By sound and words alone"),
    later("By listening alone"),
    later("By moods, genres and years alone"),
    later("Rediscover"),
    later("On repeat"),
    later("Popular here"),
    later("New in your library"),
    later("Daily mix"),
    later("From %(track)s to %(before)s"),
    later("Play and love a little more: your mixes come from what you like."),
    later(
        "Nothing to wish for yet. Import your listening history: music that you played "
        "elsewhere and that is not in your library will be listed here, best first."
    ),
    later("Not listened to yet, so this is what is close by words"),
    later("Filled with more of your taste"),
    later("Filled with music like what you know"),
    later("Not enough is known yet, so this is what people here play most"),
    later("Not enough is known yet, so these are the newest in your library"),
    later("Nothing is known yet, so this is your library, shuffled"),
    later("Filled with what you play now"),
    later("You have been shown all there is to discover here, so some come again"),
    later("Hardly any track here is between 30 seconds and 20 minutes, so all may be in it"),
    later("Play or love something and this list learns"),
    later("Made from what you say of yourself; play or love something and it learns more"),
    later(
        "No track that may play here is known to suit “%(mood)s” yet, so this is more of your taste"
    ),
    later(
        "No track that may play here is known to suit “%(mood)s” yet, "
        "so this is music like what you know"
    ),
    later(
        "No track that may play here is known to suit “%(mood)s” yet, "
        "so this is what people here play most"
    ),
    later(
        "No track that may play here is known to suit “%(mood)s” yet, "
        "so these are the newest in your library"
    ),
    later(
        "No track that may play here is known to suit “%(mood)s” yet, "
        "so this is your library, shuffled"
    ),
    later("Nothing here answers “%(words)s”, so this is more of your taste"),
    later("Nothing here answers “%(words)s”, so this is music like what you know"),
    later("Nothing here answers “%(words)s”, so this is what people here play most"),
    later("Nothing here answers “%(words)s”, so these are the newest in your library"),
    later("Nothing here answers “%(words)s”, so this is your library, shuffled"),
)
# Facts about a track that was asked for in words: several stand in one line.
LISTED_PATTERNS: tuple[str, ...] = (
    later("%(mood)s: %(likes)s"),
    later("the word %(words)s"),
    later("the words %(words)s"),
    later("%(names)s, as you asked"),
    later("%(term)s, near %(names)s"),
    later("from %(year)s"),
    later("%(n)s beats a minute"),
    later("instrumental"),
    *(word for word in WORDS if word not in ("you", "instrumental")),
    later("dark in mood and still"),
    later("dark in mood and lively"),
    later("bright in mood and still"),
    later("bright in mood and lively"),
)
