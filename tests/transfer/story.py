"""What is said in a server's own rooms, so that there is something to import.

Usage: story.py, with the settings of a server (docker/servers/) in the environment and tests/clients/ on the path.
"""

import asyncio
import json
import os
import urllib.request
import xml.etree.ElementTree as ET

from person import Person

SERVER = os.environ["SERVER"]
USERS_DOMAIN = os.environ["USERS_DOMAIN"]
ROOMS_DOMAIN = os.environ["ROOMS_DOMAIN"]
C2S_PORT = int(os.environ["C2S_PORT"])

TEA = f"tea@{ROOMS_DOMAIN}"
CELLAR = f"cellar@{ROOMS_DOMAIN}"
HINT = "<store xmlns='urn:xmpp:hints'/>"
PREFIX = "muc#roomconfig_"

# A picture of one point.
PICTURE = (
    "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg=="
)


async def main():
    ann, bob, cy, dan = people = await asyncio.gather(*(log_in(name) for name in ("ann", "bob", "cy", "dan")))
    try:
        await drink_tea(ann, bob, cy)
        await meet_in_the_cellar(ann, bob, dan)
        if os.environ["KEEP_ROOMS"] == "mnesia":
            dump(os.path.join(os.environ["DIR"], "dump.txt"))
    finally:
        for person in people:
            await person.log_out()


async def log_in(name):
    return await Person(name, f"pw-{name}", USERS_DOMAIN, C2S_PORT).log_in()


async def drink_tea(ann, bob, cy):
    """A room that everybody may know of, where everybody sees who is who."""
    await ann.creates(TEA)
    settings = {
        "roomname": "Tea & \u2615 'quotes' \"double\" \\ back",
        "roomdesc": "All about tea\nand <biscuits>",
        "persistentroom": True,
        "publicroom": True,
        "whois": "anyone",
        "changesubject": True,
        "lang": "de",
    }
    if SERVER == "prosody":
        settings |= {"historylength": "7", "enablearchiving": True}
        settings["allowpm"] = "participants"
    else:
        settings |= {"maxusers": "30", "presencebroadcast": ["moderator", "participant"]}
    await configure(ann, TEA, settings)
    await bob.enters(TEA)
    await cy.enters(TEA, "\u00c7y \u2603")
    await subject(ann, "Tea \"time\"\n<at> five & \U0001f375")
    for text in ("hello", "caf\u00e9 \u65e5\u672c\u8a9e \U0001f469\u200d\U0001f469\u200d\U0001f467", " <b>&amp;]]>'\" \\n \\\n\ttab "):
        await say(ann, TEA, f"<body>{escape(text)}</body>")
    await say(bob, TEA, "<body>I like tea</body>", id="b1")
    await say(
        bob,
        TEA,
        "<body>I love tea</body><replace xmlns='urn:xmpp:message-correct:0' id='b1'/>",
        id="b2",
    )
    await say(
        cy,
        TEA,
        f"<reactions xmlns='urn:xmpp:reactions:0' id='b1'><reaction>\U0001f44d</reaction></reactions>{HINT}",
        nick="\u00c7y \u2603",
    )
    await say(
        cy,
        TEA,
        "<body xml:lang='de'>Tee</body><body xml:lang='fr'>Th\u00e9</body>"
        "<x:a xmlns:x='urn:x' xmlns:y='urn:y' y:k='1'><x:b/><c xmlns=''/></x:a>",
        nick="\u00c7y \u2603",
        lang="de",
    )
    await say(
        cy,
        TEA,
        "<body>forged</body><stanza-id xmlns='urn:xmpp:sid:0' id='f1' by='other@example.net'/>"
        "<occupant-id xmlns='urn:xmpp:occupant-id:0' id='f2'/>"
        "<delay xmlns='urn:xmpp:delay' stamp='2002-10-13T23:58:37Z' from='example.net'/>",
        nick="\u00c7y \u2603",
        id="",
    )
    await say(bob, TEA, f"<body>{'long ' * 1000}</body>")
    ann.whispers(TEA, "bob", "not for everybody")
    await bob.hears("a whisper", lambda stanza: stanza["type"] == "chat")
    await say(bob, TEA, "<body>gone soon</body>", id="b3")
    await say(
        bob,
        TEA,
        f"<retract xmlns='urn:xmpp:message-retract:1' id='b3'/>{HINT}<body>retracted</body>",
    )
    await affiliate(ann, TEA, "admin", "bob", "helps")
    await affiliate(ann, TEA, "member", "cy", None)
    await affiliate(ann, TEA, "outcast", "eve", "spills <tea>")
    await affiliate(ann, TEA, "outcast", None, None, domain="spam.example")
    if SERVER == "prosody":
        await register(cy, TEA, "\u00c7y \u2603")
    else:
        await set_picture(ann, TEA)


async def meet_in_the_cellar(ann, bob, dan):
    """A room for few, where only moderators see who is who, and new people have no voice."""
    await ann.creates(CELLAR)
    settings = {
        "roomname": "",
        "persistentroom": True,
        "publicroom": False,
        "membersonly": True,
        "moderatedroom": True,
        "passwordprotectedroom": True,
        "roomsecret": "s\u00e9cret 'n' <more>",
        "whois": "moderators",
        "changesubject": False,
    }
    settings |= {"enablearchiving": True} if SERVER == "prosody" else {"mam": True}
    await configure(ann, CELLAR, settings)
    await affiliate(ann, CELLAR, "member", "bob", None)
    await affiliate(ann, CELLAR, "member", "dan", None)
    await bob.enters(CELLAR, password="s\u00e9cret 'n' <more>")
    await dan.enters(CELLAR, "Dan", password="s\u00e9cret 'n' <more>")
    await say(dan, CELLAR, "<body>who is there?</body>", nick="Dan")
    await say(bob, CELLAR, "<body>me</body>")
    await affiliate(ann, CELLAR, "outcast", "dan", "too curious")
    await say(ann, CELLAR, "<body>he is gone</body>")


# --- doing

async def configure(person, room, settings):
    await person.configures(room, {PREFIX + name: value for name, value in settings.items()})


async def say(person, room, children, nick=None, id=None, lang=None):
    """Says something, and waits until everybody can have heard it."""
    mark = f"mark-{person.new_id()}"
    id = mark if id is None else id
    attributes = f" id='{id}'" if id else ""
    attributes += f" xml:lang='{lang}'" if lang else ""
    person.forgets()
    person.send_raw(f"<message to='{room}' type='groupchat'{attributes}>{children}</message>")
    sender = f"{room}/{nick or person.name}"
    await person.hears("himself", lambda stanza: stanza.name == "message" and stanza["from"] == sender)


async def subject(person, text):
    person.forgets()
    person.send_raw(f"<message to='{TEA}' type='groupchat'><subject>{escape(text)}</subject></message>")
    await person.hears("the subject", lambda stanza: stanza.name == "message" and stanza["subject"])


async def affiliate(person, room, affiliation, name, reason, domain=USERS_DOMAIN):
    jid = f"{name}@{domain}" if name else domain
    await person.muc.set_affiliation(room, affiliation, jid=jid, reason=reason or "")


async def register(person, room, nick):
    iq = person.make_iq_set(ito=room)
    query = ET.fromstring(
        "<query xmlns='jabber:iq:register'><x xmlns='jabber:x:data' type='submit'><field var='FORM_TYPE'>"
        "<value>http://jabber.org/protocol/muc#register</value></field><field var='muc#register_roomnick'>"
        f"<value>{nick}</value></field></x></query>"
    )
    iq.append(query)
    await iq.send()


async def set_picture(person, room):
    iq = person.make_iq_set(ito=room)
    iq.append(ET.fromstring(f"<vCard xmlns='vcard-temp'><PHOTO><TYPE>image/png</TYPE><BINVAL>{PICTURE}</BINVAL></PHOTO></vCard>"))
    await iq.send()


def dump(file):
    """What `ejabberdctl dump` does."""
    url = f"http://127.0.0.1:{os.environ['EJABBERD_HTTP_PORT']}/api/dump"
    urllib.request.urlopen(url, json.dumps({"file": file}).encode()).close()


def escape(text):
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")


if __name__ == "__main__":
    asyncio.run(main())
