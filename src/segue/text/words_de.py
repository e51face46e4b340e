"""German words of requests: what each says in English, as data. Our own lists, folded when read.

The rules know English; a German phrase is read as the English one that it stands for. Endings of
adjectives are made here, plurals and compounds stand for themselves.
"""

from collections.abc import Iterator, Mapping
from types import MappingProxyType

from segue.text.normalise import fold

_ENDINGS = ("", "e", "er", "es", "en", "em")

_ADJECTIVES = """
calm: ruhig; relaxed: entspannt, gechillt, locker; relaxing: entspannend, beruhigend
cozy: gemütlich; gentle: sanft; quiet: leis, leise, still
peaceful: friedlich; dreamy: verträumt, träumerisch
soft: weich; warm: warm; tender: zart, zärtlich; lazy: faul; laid back: lässig
happy: fröhlich, glücklich; cheerful: heiter, vergnügt; funny: lustig, witzig; sunny: sonnig
upbeat: munter, beschwingt, schwungvoll; optimistic: optimistisch; positive: positiv
uplifting: mitreißend, aufbauend, aufmunternd; playful: verspielt; hopeful: hoffnungsvoll
bright: hell; sad: traurig; melancholic: melancholisch; gloomy: trüb, trostlos; lonely: einsam
depressing: deprimierend, bedrückend; depressed: deprimiert; wistful: wehmütig
nostalgic: nostalgisch; bittersweet: bittersüß; rainy: regnerisch, verregnet
longing: sehnsüchtig, sehnsuchtsvoll; emotional: gefühlvoll; energetic: energisch, energetisch
energetic: energiegeladen; powerful: kraftvoll, kräftig; lively: lebhaft, lebendig
intense: intensiv; wild: wild; loud: laut; hard: hart; heavy: schwer; aggressive: aggressiv
angry: wütend, zornig; eerie: unheimlich; scary: gruselig; dark: düster, finster, dunkl, dunkel
cold: kalt; epic: episch; danceable: tanzbar; groovy: groovig; crazy: verrückt; catchy: eingängig
romantic: romantisch; sensual: sinnlich; beautiful: schön; sweet: süß; slow: langsam
fast: schnell, flott, rasch, zügig; mid tempo: mittelschnell; acoustic: akustisch
instrumental: instrumental; electronic: elektronisch; atmospheric: atmosphärisch
classical: klassisch; psychedelic: psychedelisch; sleepy: müd, müde, schläfrig
focused: konzentriert
"""

_PHRASES = """
good mood: gute laune, guter laune, gut gelaunt; relax: entspannen, ruhe, zur ruhe kommen, ausruhen
relaxing: entspannung; chill: chillen; unwind: abschalten, feierabend; sunday: sonntag, sonntags
sunday: sonntagmorgen, sonntagabend, sonntagnachmittag; rainy: regentag, regenwetter, regentage
rain: regen; sunshine: sonne, sonnenschein; summer: sommer, sommerabend; winter: winterabend
autumn: herbst, herbstabend; love: liebe, liebeslied, liebeslieder; breakup: trennung
heartbreak: liebeskummer, herzschmerz; grief: trauer; sadness: traurigkeit; sorrow: kummer
melancholy: melancholie, wehmut; crying: weinen, zum heulen; tears: tränen; loneliness: einsamkeit
death: tod; goodbye: abschied; longing: sehnsucht; nostalgia: nostalgie; hope: hoffnung
joy: freude; happiness: glück; fun: spaß; energy: energie, schwung; hype: power; anger: wut, zorn
concentrate: konzentrieren; concentration: konzentration; study: lernen, studium
studying: studieren; working: arbeiten; work: arbeit, büro, homeoffice; focus: fokus, nachdenken
reading: lesen; homework: hausaufgaben; programming: programmieren; writing: schreiben
running: laufen, rennen, lauf; jogging: joggen, jog, dauerlauf
exercise: sport, sportlich, gymnastik; training: training, trainieren
workout: fitness, krafttraining; gym: fitnessstudio, studio; lifting: kraftsport, gewichte
cycling: radfahren, fahrrad, rad fahren, radeln; celebrate: feiern; celebration: feier
party: fest, geburtstagsfeier, fete; dancing: tanzen; dance: tanz, tanzmusik
dancefloor: tanzfläche; sleeping: schlafen; sleep: schlaf, schlafengehen; bedtime: bett
fall asleep: einschlafen; lullaby: schlaflied, schlaflieder, wiegenlied, wiegenlieder
nap: nickerchen, mittagsschlaf; driving: autofahren, autofahrt, auto, fahren, auto fahren
commute: weg zur arbeit, arbeitsweg, heimweg; commuting: pendeln; travel: reise, reisen, unterwegs
road trip: roadtrip; train ride: zugfahrt, bahnfahrt; meditation: meditation, meditieren
acoustic: akustik; piano: klavier, klaviermusik; guitar: gitarre, gitarren; violin: geige, violine
drums: schlagzeug; ballads: ballade, balladen; christmas: weihnachten, weihnachtslieder
christmas: weihnachtsmusik; mid tempo: mittleres tempo, mittlerem tempo; singing: gesang, singen
voice: stimme; voices: stimmen; lyrics: text, texte, liedtext
live: liveaufnahme, liveaufnahmen, konzert
"""

NEGATIONS = frozenset(
    """nicht kein keine keiner keines keinen keinem ohne ausser nie niemals nix nichts weniger statt
    bloss weder""".split()
)
JOINS = frozenset("und oder noch sowie".split())
STOP_WORDS = JOINS | frozenset(
    fold(word)
    for word in """
aber albums album alben alle allem allen aller alles als also am an andere anderen anderes art
auch auf aus band bands bei beim bestem beste besten bestes bin bis bisschen bist bitte brauche da
dabei dafür damit dann daran das dass davon dazu deine dein dem den der des dessen dich die dies
diese diesem diesen dieser dieses dir doch dort du durch ein eine einem einen einer eines einfach
einige er es etwas euch fast finde finden für gebt gegen gerade gern gerne gib gibt gute guten guter
gutes gut habe haben hab hast hat hätte heute hier hör höre hören ich ihr ihre im immer in
irgendein irgendeine irgendetwas irgendwas irgendwelche ist ja jahr jahre jahren jahrzehnt jede
jeden jetzt kann kannst klang klänge klingen klingt können künstler künstlerin lass leg lied lieder
liedern liste mach mache machen macht mag mal man mehr mein meine meinem meinen meiner mich mir
mit möchte möglichst muss musik musikstücke nach nun nur ob passen passend passende passt
playlist sachen sehr sein seine sich sie sind so solche sollen sollte sollen sowas spiel spiele
spielen stil stimmung stück stücke stücken suche suchen such tag tage tagen titel titeln track
tracks über um uns unter viel viele vielleicht vom von vor wäre war waren was welche wenig wenn wer
wie will wir wird wo wollen würde zeig zeit zeug zu zum zur song songs empfehlung empfehlungen
empfiehl ziemlich ganz richtig eher etwa ähnlich ähnliche ähnlichen ähnliches
""".split()
)
# in names of bands and people everywhere, or English words too: they do not make a request German
SAYS_NOTHING = frozenset(
    """
albums am an art auf auto bin da das den der des die du ein eine es faul fest hart hat hast im in
jog lass live locker mag mal man mein power sport still studio tag text von zu
""".split()
)


def _pairs(table: str) -> Iterator[tuple[str, str]]:
    for line in table.strip().splitlines():
        for entry in line.split(";"):
            english, german = entry.split(":")
            for word in german.split(","):
                yield english.strip(), word.strip()


def _english() -> Mapping[str, str]:
    inflected = {
        fold(stem + ending): english for english, stem in _pairs(_ADJECTIVES) for ending in _ENDINGS
    }
    return MappingProxyType(
        inflected | {fold(phrase): english for english, phrase in _pairs(_PHRASES)}
    )


ENGLISH: Mapping[str, str] = _english()
