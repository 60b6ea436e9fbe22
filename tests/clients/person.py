"""Somebody with a chat client: slixmpp, as its users use it, with a memory of what it heard."""

import asyncio
import itertools
import os

import slixmpp
from slixmpp import JID
from slixmpp.exceptions import IqError
from slixmpp.stanza import Message, Presence

# How long anybody waits for anything, in seconds. Long, for slow machines: nothing waits so long
# unless something is broken.
PATIENCE = float(os.environ.get("PATIENCE", "20"))

# What a server says about a component that is not connected; `forbidden` comes from an ejabberd that
# may not ask other servers for it.
UNREACHABLE = (
    "remote-server-timeout",
    "remote-server-not-found",
    "service-unavailable",
    "forbidden",
)

# The fields of an archive's form that have no name of their own here.
ARCHIVE_FIELDS = {
    "words": "{urn:xmpp:fulltext:0}fulltext",
    "author": "with",
    "after_id": "after-id",
}

MUC_PLUGINS = (
    "xep_0004",  # data forms
    "xep_0030",  # service discovery
    "xep_0045",  # multi-user chat
    "xep_0050",  # ad-hoc commands
    "xep_0077",  # registration
    "xep_0092",  # software version
    "xep_0199",  # ping
    "xep_0203",  # delayed delivery
    "xep_0249",  # direct invitations
    "xep_0308",  # corrections
    "xep_0313",  # archives
    "xep_0359",  # stanza ids
    "xep_0410",  # self-ping
    "xep_0421",  # occupant ids
    "xep_0424",  # retractions
    "xep_0425",  # moderation
    "xep_0444",  # reactions
    "xep_0490",  # what was displayed
)


class Person(slixmpp.ClientXMPP):
    """A logged-in user. Everything he hears is kept until a story asks for it."""

    _numbers = itertools.count(1)

    def __init__(self, name, password, domain, port):
        super().__init__(JID(f"{name}@{domain}/{name}{next(self._numbers)}"), password)
        self.name = name
        self._port = port
        self._heard = []
        self._news = asyncio.Condition()
        self.enable_direct_tls = self.enable_starttls = False
        self.enable_plaintext = True
        mechanisms = self.plugin["feature_mechanisms"]
        mechanisms.unencrypted_plain = mechanisms.unencrypted_scram = True
        for plugin in MUC_PLUGINS:
            self.register_plugin(plugin)
        self.muc = self.plugin["xep_0045"]
        self.add_filter("in", self._remember)

    async def log_in(self):
        started = asyncio.ensure_future(self.wait_until("session_start", PATIENCE))
        refused = asyncio.ensure_future(self.wait_until("failed_all_auth", PATIENCE))
        self.connect("127.0.0.1", self._port)
        await asyncio.wait({started, refused}, return_when=asyncio.FIRST_COMPLETED)
        refused.cancel()
        assert started.done() and not started.exception(), f"{self.name} could not log in"
        self.send_presence()
        # Until the server has seen it, messages to the bare address would wait for the next login.
        await self.hears("himself", lambda s: s.name == "presence" and s["from"] == self.boundjid)
        return self

    async def log_out(self):
        if self.is_connected():
            await self.disconnect(wait=1.0)

    # --- hearing

    def _remember(self, stanza):
        if isinstance(stanza, (Message, Presence)):
            self._heard.append(stanza)
            asyncio.ensure_future(self._tell())
        return stanza

    async def _tell(self):
        async with self._news:
            self._news.notify_all()

    async def hears(self, what, match):
        """Waits for the first stanza not yet asked for that matches, and takes it out.

        `what` says in words what is waited for, in case it does not come.
        """

        def find():
            for index, stanza in enumerate(self._heard):
                if match(stanza):
                    return index
            return None

        try:
            async with asyncio.timeout(PATIENCE), self._news:
                await self._news.wait_for(lambda: find() is not None)
        except TimeoutError:
            heard = "\n".join(str(stanza) for stanza in self._heard) or "(nothing)"
            raise AssertionError(f"{self.name} never heard {what}, but:\n{heard}") from None
        return self._heard.pop(find())

    async def hears_nothing(self, what, match):
        """Makes sure that what was sent up to now brought nothing of the kind.

        The service answers in the order it is asked: once a question has come back, everything
        before it has been heard.
        """
        room_host = os.environ["ROOMS_DOMAIN"]
        await self.asks_for_information(room_host)
        for stanza in self._heard:
            assert not match(stanza), f"{self.name} heard {what}:\n{stanza}"

    def history(self, room):
        """What was said before he came, with or without words, in its order."""
        delay = "{urn:xmpp:delay}delay"
        return [
            stanza
            for stanza in self._heard
            if stanza["from"].bare == room
            and stanza["type"] == "groupchat"
            and stanza.xml.find(delay) is not None
        ]

    def results(self, room):
        """What the room's archive has sent him."""
        result = "{urn:xmpp:mam:2}result"
        return [
            stanza
            for stanza in self._heard
            if stanza["from"] == room and stanza.xml.find(result) is not None
        ]

    def forgets(self):
        """Lets go of everything heard so far."""
        self._heard.clear()

    async def hears_message(self, room, nick, text):
        return await self.hears(
            f"'{text}' from {nick} in {room}",
            lambda stanza: is_message(stanza, room, nick) and stanza["body"] == text,
        )

    async def hears_presence(self, room, nick, what="presence", **wanted):
        """Waits for somebody's presence in a room; `wanted` are type, role, affiliation, status."""
        return await self.hears(
            f"{what} of {nick} in {room} with {wanted}",
            lambda stanza: is_presence(stanza, room, nick) and has(stanza, **wanted),
        )

    async def hears_that_nick_left(self, room, nick, *codes):
        return await self.hears_presence(
            room, nick, "the leaving", type="unavailable", status=set(codes)
        )

    # --- doing

    async def enters(self, room, nick=None, **how):
        """Enters a room; returns (own presence, subject, others' presences, history)."""
        nick = nick or self.name
        own, subject, present, history = await self.muc.join_muc_wait(
            JID(room), nick, timeout=PATIENCE, **how
        )
        others = [presence for presence in present if presence["from"].resource != nick]
        return own, subject, others, history

    async def sees_the_service_come_back(self):
        """Pings the service until it is connected to the server again."""
        service = os.environ["ROOMS_DOMAIN"]
        async with asyncio.timeout(PATIENCE):
            while True:
                try:
                    return await self.plugin["xep_0199"].send_ping(service, timeout=PATIENCE)
                except IqError as error:
                    assert error.condition in UNREACHABLE, f"refused with {error.condition}"
                    await asyncio.sleep(0.1)

    async def creates(self, room, nick=None):
        """Enters a new room and takes it as it is: an instant room."""
        entered = await self.enters(room, nick)
        assert 201 in codes(entered[0]), "the room was there already"
        await self.configures(room, {})
        return entered

    async def configures(self, room, settings):
        """Changes fields of the room's configuration and leaves the others as they are."""
        form = self.plugin["xep_0004"].make_form(ftype="submit")
        if settings:
            settings = {"FORM_TYPE": "http://jabber.org/protocol/muc#roomconfig", **settings}
        for name, value in settings.items():
            form.add_field(var=name, ftype=kind_of(value), value=value)
        await self.muc.set_room_config(room, form, timeout=PATIENCE)

    async def reads_configuration(self, room):
        """The room's configuration form, as a dictionary of typed values."""
        form = await self.muc.get_room_config(room, timeout=PATIENCE)
        return {name: field.get_value() for name, field in form.get_fields().items()}

    def says(self, room, text):
        self.send_message(mto=room, mbody=text, mtype="groupchat")

    def whispers(self, room, nick, text):
        message = self.make_message(mto=f"{room}/{nick}", mbody=text, mtype="chat")
        message.enable("muc")
        message.send()

    def leaves(self, room, nick=None, status=None):
        self.send_presence(pto=f"{room}/{nick or self.name}", ptype="unavailable", pstatus=status)

    async def asks_for_information(self, jid, node=None):
        """disco#info: returns (identities as (category, type, name), features, form values)."""
        answer = await self.plugin["xep_0030"].get_info(
            jid=jid, node=node, cached=False, timeout=PATIENCE
        )
        info = answer["disco_info"]
        identities = {(category, kind, name) for category, kind, _, name in info["identities"]}
        form = info.xml.find("{jabber:x:data}x")
        values = {}
        if form is not None:
            for field in form.findall("{jabber:x:data}field"):
                texts = [value.text or "" for value in field.findall("{jabber:x:data}value")]
                values[field.get("var")] = texts[0] if len(texts) == 1 else texts
        return identities, set(info["features"]), values

    async def asks_for_items(self, jid, node=None):
        """disco#items: returns a dictionary from address to name."""
        answer = await self.plugin["xep_0030"].get_items(jid=jid, node=node, timeout=PATIENCE)
        return {str(jid): name for jid, _, name in answer["disco_items"]["items"]}

    async def finds_commands(self, jid):
        """The commands of an address that he may run: a dictionary from node to name."""
        answer = await self.plugin["xep_0050"].get_commands(jid=jid, local=False, timeout=PATIENCE)
        return {node: name for _, node, name in answer["disco_items"]["items"]}

    async def gives_command(self, jid, name, fields=None, action="execute", session=None):
        """One step of a command, with what is filled in; returns what is answered."""
        form = None
        if fields is not None:
            form = self.plugin["xep_0004"].make_form(ftype="submit")
            for field, value in fields.items():
                form.add_field(var=field, ftype=kind_of(value), value=value)
        answer = await self.plugin["xep_0050"].send_command(
            jid,
            f"urn:lyceum:0#{name}",
            action=action,
            payload=form,
            sessionid=session,
            timeout=PATIENCE,
        )
        return answer["command"]

    async def asks_archive(self, jid, page=None, **fields):
        """Queries an archive; returns (results, fin)."""
        query = self.make_iq_set(ito=jid)
        query["mam"]["queryid"] = query["id"]
        form = self.plugin["xep_0004"].make_form(ftype="submit")
        form.add_field(var="FORM_TYPE", ftype="hidden", value="urn:xmpp:mam:2")
        for name, value in fields.items():
            form.add_field(var=ARCHIVE_FIELDS.get(name, name), value=value)
        query["mam"].append(form)
        for name, value in (page or {}).items():
            query["mam"]["rsm"][name] = value
        answer = await query.send(timeout=PATIENCE)
        own, others = [], []
        for stanza in self._heard:
            (own if is_result(stanza, jid, query["id"]) else others).append(stanza)
        self._heard = others
        return own, answer["mam_fin"]

    async def is_refused(self, conditions, request):
        """Awaits a request and makes sure that it is refused, with one of the conditions."""
        conditions = conditions.split()
        try:
            await request
        except IqError as error:
            assert error.condition in conditions, f"refused, but with {error.condition}"
        else:
            raise AssertionError(f"{self.name} should have been refused with {conditions}")


def kind_of(value):
    if isinstance(value, bool):
        return "boolean"
    return "text-multi" if isinstance(value, (list, set, tuple)) else "text-single"


def codes(presence):
    """The status codes of a stanza from a room."""
    x = presence.xml.find("{http://jabber.org/protocol/muc#user}x")
    if x is None:
        return set()
    return {int(s.get("code")) for s in x.findall("{http://jabber.org/protocol/muc#user}status")}


def item(stanza):
    """The attributes of the `<item/>` of a stanza from a room."""
    found = stanza.xml.find(
        "{http://jabber.org/protocol/muc#user}x/{http://jabber.org/protocol/muc#user}item"
    )
    return {} if found is None else dict(found.attrib)


def reason(stanza):
    """The reason a stanza from a room gives for what happened, anywhere in its muc#user part."""
    found = stanza.xml.find(".//{http://jabber.org/protocol/muc#user}reason")
    return None if found is None else found.text


def error_of(stanza):
    """The condition of an error stanza."""
    return stanza["error"]["condition"] if stanza["type"] == "error" else None


def is_message(stanza, room, nick, kind="groupchat"):
    sender = f"{room}/{nick}" if nick else room
    return isinstance(stanza, Message) and stanza["type"] == kind and stanza["from"] == sender


def is_result(stanza, jid, query_id):
    """True when a stanza is a result of the query that an archive was asked."""
    result = stanza.xml.find("{urn:xmpp:mam:2}result")
    return result is not None and stanza["from"] == jid and result.get("queryid") == query_id


def is_presence(stanza, room, nick):
    return isinstance(stanza, Presence) and stanza["from"] == f"{room}/{nick}"


def has(stanza, type=None, role=None, affiliation=None, status=frozenset()):
    """True when a presence is as wanted; without a type it has to be an available one."""
    kind = stanza.xml.get("type")
    return (
        kind == type
        and (role is None or item(stanza).get("role") == role)
        and (affiliation is None or item(stanza).get("affiliation") == affiliation)
        and set(status) <= codes(stanza)
    )
