"""The closed tables behind the questions of fact. Everything here was written for this project."""


def pairs(text: str) -> dict[str, str]:
    """Reads 'key=value' items; an underscore stands for a space inside a value."""
    return {k: v.replace("_", " ") for k, v in (item.split("=") for item in text.split())}


NAMES = [
    "Anna",
    "Tom",
    "Mia",
    "Sam",
    "Lena",
    "Max",
    "Nora",
    "Paul",
    "Eva",
    "Ben",
    "Lucy",
    "Jack",
    "Emma",
    "Leo",
    "Ida",
    "Karl",
    "Rosa",
    "Finn",
    "Clara",
    "Otto",
]
THINGS = [
    "book",
    "cup",
    "key",
    "coin",
    "ball",
    "hat",
    "lamp",
    "cake",
    "letter",
    "map",
    "ring",
    "pen",
    "chair",
    "bell",
    "card",
]
WORDS = [
    "sun",
    "moon",
    "star",
    "rain",
    "snow",
    "wind",
    "fire",
    "road",
    "ship",
    "hill",
    "lake",
    "rock",
    "leaf",
    "rose",
    "door",
    "house",
    "river",
    "cloud",
    "grass",
    "stone",
    "window",
    "garden",
    "bridge",
    "castle",
    "forest",
    "island",
    "bread",
    "milk",
    "salt",
    "chair",
    "table",
    "lamp",
    "book",
    "coin",
    "bell",
    "drum",
    "king",
    "song",
]
DAYS = ["Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday"]
MONTHS = [
    "January",
    "February",
    "March",
    "April",
    "May",
    "June",
    "July",
    "August",
    "September",
    "October",
    "November",
    "December",
]
LETTERS = [
    "A",
    "B",
    "C",
    "D",
    "E",
    "F",
    "G",
    "H",
    "I",
    "J",
    "K",
    "L",
    "M",
    "N",
    "O",
    "P",
    "Q",
    "R",
    "S",
    "T",
    "U",
    "V",
    "W",
    "X",
    "Y",
    "Z",
]

CAPITALS = pairs(
    "France=Paris Italy=Rome Spain=Madrid Germany=Berlin Japan=Tokyo China=Beijing Egypt=Cairo Greece=Athens "
    "Poland=Warsaw Norway=Oslo Sweden=Stockholm Finland=Helsinki Austria=Vienna Portugal=Lisbon Ireland=Dublin "
    "Hungary=Budapest Russia=Moscow Cuba=Havana Peru=Lima Kenya=Nairobi Canada=Ottawa Iran=Tehran Iraq=Baghdad "
    "Turkey=Ankara Denmark=Copenhagen Belgium=Brussels Chile=Santiago Thailand=Bangkok Ghana=Accra Nepal=Kathmandu"
)
CONTINENTS = pairs(
    "France=Europe Italy=Europe Spain=Europe Germany=Europe Poland=Europe Norway=Europe Ireland=Europe "
    "Hungary=Europe Japan=Asia China=Asia Iran=Asia Iraq=Asia Thailand=Asia Nepal=Asia India=Asia Vietnam=Asia "
    "Egypt=Africa Kenya=Africa Ghana=Africa Morocco=Africa Nigeria=Africa Algeria=Africa Cuba=North_America "
    "Canada=North_America Mexico=North_America Panama=North_America Peru=South_America Chile=South_America "
    "Brazil=South_America Bolivia=South_America"
)
OPPOSITES = pairs(
    "hot=cold big=small up=down left=right fast=slow high=low old=young happy=sad day=night open=closed full=empty "
    "rich=poor light=dark hard=soft wet=dry early=late strong=weak near=far loud=quiet clean=dirty thick=thin "
    "first=last sweet=bitter brave=afraid in=out true=false long=short wide=narrow good=bad inside=outside"
)
PLURALS = pairs(
    "cat=cats mouse=mice foot=feet child=children man=men box=boxes baby=babies wolf=wolves tooth=teeth goose=geese "
    "sheep=sheep city=cities bus=buses knife=knives dog=dogs woman=women leaf=leaves story=stories dish=dishes "
    "tree=trees fox=foxes lady=ladies wife=wives ox=oxen deer=deer class=classes hand=hands party=parties "
    "church=churches bird=birds"
)
PAST = pairs(
    "go=went see=saw eat=ate run=ran take=took walk=walked play=played write=wrote give=gave come=came swim=swam "
    "buy=bought sing=sang jump=jumped think=thought find=found make=made drink=drank fly=flew know=knew read=read "
    "sleep=slept teach=taught cook=cooked help=helped fall=fell break=broke speak=spoke bring=brought win=won"
)
COLOURS = pairs(
    "grass=green snow=white coal=black blood=red lemon=yellow sky=blue carrot=orange plum=purple milk=white "
    "tomato=red banana=yellow frog=green crow=black pumpkin=orange salt=white cherry=red sunflower=yellow "
    "sea=blue cucumber=green mole=black eggplant=purple flamingo=pink chocolate=brown mud=brown ash=grey elephant=grey"
)
LEGS = pairs(
    "dog=4 cat=4 horse=4 bird=2 spider=8 ant=6 fish=0 snake=0 cow=4 bee=6 chicken=2 octopus=8 duck=2 lion=4 worm=0 "
    "beetle=6 scorpion=8 pig=4 owl=2 wasp=6 goat=4 eagle=2 whale=0 butterfly=6 crab=10 lobster=10"
)
SOUNDS = pairs(
    "dog=woof cat=meow cow=moo sheep=baa duck=quack lion=roar bee=buzz owl=hoot pig=oink horse=neigh snake=hiss "
    "rooster=crow wolf=howl frog=croak mouse=squeak crow=caw chicken=cluck turkey=gobble donkey=bray pigeon=coo"
)
YOUNG = pairs(
    "dog=puppy cat=kitten cow=calf sheep=lamb horse=foal pig=piglet duck=duckling goat=kid bear=cub hen=chick "
    "frog=tadpole deer=fawn kangaroo=joey goose=gosling owl=owlet swan=cygnet hare=leveret eel=elver"
)
GROUPS = {
    "animal": ["dog", "cat", "horse", "cow", "lion", "tiger", "rabbit", "monkey", "wolf", "camel"],
    "fruit": ["apple", "pear", "banana", "cherry", "plum", "grape", "mango", "peach", "orange", "melon"],
    "colour": ["red", "blue", "green", "yellow", "purple", "pink", "brown", "black", "white", "grey"],
    "tool": ["hammer", "saw", "drill", "wrench", "axe", "shovel", "rake", "ladder", "chisel", "pliers"],
    "drink": ["water", "tea", "coffee", "juice", "cocoa", "wine", "beer", "cider", "soda", "lemonade"],
    "vegetable": ["carrot", "onion", "potato", "cabbage", "spinach", "leek", "turnip", "celery", "radish", "pea"],
}
UNITS = [
    ("hours", "minutes", 60),
    ("minutes", "seconds", 60),
    ("days", "hours", 24),
    ("weeks", "days", 7),
    ("years", "months", 12),
    ("meters", "centimeters", 100),
    ("kilometers", "meters", 1000),
    ("kilograms", "grams", 1000),
    ("dozens", "eggs", 12),
    ("feet", "inches", 12),
    ("centuries", "years", 100),
]
PHRASES = {  # what is asked -> what is said
    "Say hello to {n}.": "Hello, {n}, nice to see you!",
    "Greet {n} in the morning.": "Good morning, {n}!",
    "Greet {n} in the evening.": "Good evening, {n}!",
    "Say goodbye to {n}.": "Goodbye, {n}, see you soon!",
    "Thank {n} for the {t}.": "Thank you for the {t}, {n}!",
    "Say sorry to {n} about the {t}.": "I am sorry about the {t}, {n}.",
    "Ask {n} for the {t}.": "May I have the {t}, please, {n}?",
    "Offer {n} the {t}.": "Would you like the {t}, {n}?",
}
