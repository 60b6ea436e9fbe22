"""Archives, and what is found in them. XEP-0313, XEP-0431, and what is unread."""

import os
import unittest
import uuid
from xml.etree import ElementTree

from person import PATIENCE
from story import Story

LYCEUM = "{urn:lyceum:0}"


def kept(result):
    """The message in a result."""
    return result["mam_result"]["forwarded"]["stanza"]


def texts(results):
    """What the messages of results say."""
    return [kept(result)["body"] for result in results]


def word():
    """A word that nobody has ever said."""
    return "w" + uuid.uuid4().hex[:12]


class Archive(Story):
    async def room_where_ann_said(self, *words, names=("ann", "bob")):
        """A room in which the first of the people has said these, and all have heard them."""
        room, *people = await self.room_with(*names)
        ids = []
        for text in words:
            people[0].says(room, text)
            for person in people:
                heard = await person.hears_message(room, names[0], text)
            ids.append(heard.xml.find("{urn:xmpp:sid:0}stanza-id").get("id"))
        return room, ids, *people

    async def test_the_archive_is_read_page_by_page_both_ways(self):
        said = [f"line {number}" for number in range(25)]
        room, _, _, bob = await self.room_where_ann_said(*said)
        archive = bob.plugin["xep_0313"]
        for reverse, expected in ((False, said), (True, said[::-1])):
            read = []
            async for message in archive.iterate(jid=room, rsm={"max": 10}, reverse=reverse):
                read.append(kept(message)["body"])
            self.assertEqual(expected, read)

    async def test_who_was_away_reads_what_he_missed_and_nothing_else(self):
        room, ids, ann, bob = await self.room_where_ann_said("before", "last seen")
        bob.leaves(room)
        await ann.hears_that_nick_left(room, "bob")
        for text in ("missed", "missed too"):
            ann.says(room, text)
            await ann.hears_message(room, "ann", text)
        await bob.enters(room, maxstanzas=0)
        results, fin = await bob.asks_archive(room, {"after": ids[-1], "max": "50"})
        self.assertEqual(["missed", "missed too"], texts(results))
        self.assertEqual("true", fin.xml.get("complete"))
        results, _ = await bob.asks_archive(room, after_id=ids[0])
        self.assertEqual(["last seen", "missed", "missed too"], texts(results))

    async def test_a_result_is_the_message_as_it_was_heard(self):
        room, ann, bob = await self.room_with("ann", "bob")
        message = ann.make_message(mto=room, mbody="Look", mtype="groupchat")
        extension = ElementTree.fromstring(
            "<a xmlns='urn:example:a' b='1&amp;2'> <c xmlns='urn:example:c'>d</c> </a>"
        )
        message.append(extension)
        message.send()
        heard = await bob.hears_message(room, "ann", "Look")
        results, _ = await bob.asks_archive(room)
        message = kept(results[0])
        self.assertEqual(f"{room}/ann", message["from"])
        self.assertEqual("groupchat", message["type"])
        self.assertEqual(heard["id"], message["id"])
        self.assertNotIn("to", message.xml.attrib)
        sid, occupant_id = "{urn:xmpp:sid:0}stanza-id", "{urn:xmpp:occupant-id:0}occupant-id"
        for tag in ("{urn:example:a}a", sid, occupant_id):
            as_heard, as_kept = (ElementTree.tostring(s.xml.find(tag)) for s in (heard, message))
            self.assertEqual(as_heard, as_kept)

    async def test_a_member_reads_without_being_inside_and_a_stranger_does_not(self):
        room, _, ann = await self.room_where_ann_said("Closed", names=("ann",))
        await ann.configures(room, {"muc#roomconfig_membersonly": True})
        await ann.muc.set_affiliation(room, "member", jid=self.address("bob"))
        bob, cy = await self.people("bob", "cy")
        results, _ = await bob.asks_archive(room)
        self.assertEqual(["Closed"], texts(results))
        await cy.is_refused("forbidden", cy.asks_archive(room))

    async def test_an_archive_tells_its_fields_its_ends_and_its_length(self):
        room, ids, _, bob = await self.room_where_ann_said("One", "Two", "Three")
        archive = bob.plugin["xep_0313"]
        fields = (await archive.get_fields(jid=room, timeout=PATIENCE)).get_fields()
        known = {"with", "start", "end", "before-id", "after-id", "ids"}
        self.assertLessEqual(known, set(fields))
        answer = await archive.get_archive_metadata(jid=room, timeout=PATIENCE)
        ends = answer["mam_metadata"]
        self.assertEqual((ids[0], ids[-1]), (ends["start"]["id"], ends["end"]["id"]))
        results, fin = await bob.asks_archive(room, {"max": "0"})
        self.assertEqual(([], "3"), (results, fin["rsm"]["count"]))
        await bob.is_refused("item-not-found", bob.asks_archive(room, after_id="nothere"))
        await bob.is_refused("feature-not-implemented", bob.asks_archive(room, nonsense="x"))

    async def test_words_are_found_in_a_room_and_everywhere(self):
        rooms_host = os.environ["ROOMS_DOMAIN"]
        rare = word()
        room, _, ann, bob = await self.room_where_ann_said(f"A caf\u00e9 called {rare}", "Nothing")
        bob.says(room, f"{rare.upper()}!")
        await ann.hears_message(room, "bob", f"{rare.upper()}!")
        both = [f"A caf\u00e9 called {rare}", f"{rare.upper()}!"]
        for place in (room, rooms_host):
            results, _ = await bob.asks_archive(place, words=rare)
            self.assertEqual(both, texts(results))
            results, _ = await bob.asks_archive(place, words=f"cafe {rare}")
            self.assertEqual(both[:1], texts(results))
        results, _ = await bob.asks_archive(rooms_host, words=rare, author=self.address("bob"))
        self.assertEqual(both[1:], texts(results))
        self.assertEqual(room, kept(results[0])["from"].bare)
        await ann.configures(room, {"muc#roomconfig_membersonly": True})
        dan = await self.person("dan")
        results, _ = await dan.asks_archive(rooms_host, words=rare)
        self.assertEqual([], results)

    async def remember_as_displayed(self, person, chat, last_read):
        """Publishes up to where somebody has read.

        slixmpp's own way asks for room for all items, which this ejabberd does not know; so on
        Prosody only the last that is published is kept.
        """
        displayed = person.plugin["xep_0490"].stanza.Displayed()
        displayed["stanza_id"]["id"] = last_read
        options = person.plugin["xep_0004"].make_form(ftype="submit")
        options.add_field(
            var="FORM_TYPE",
            ftype="hidden",
            value="http://jabber.org/protocol/pubsub#publish-options",
        )
        for name, value in (("persist_items", "1"), ("access_model", "whitelist")):
            options.add_field(var=f"pubsub#{name}", value=value)
        await person.plugin["xep_0060"].publish(
            person.boundjid.bare,
            "urn:xmpp:mds:displayed:0",
            id=chat,
            payload=displayed,
            options=options,
            timeout=PATIENCE,
        )

    async def test_what_a_client_keeps_of_what_it_displayed_tells_what_is_unread(self):
        room, ids, _, bob = await self.room_where_ann_said("Read", "Unread", "Unread, too")
        for chat, last_read in ((self.address("ann"), "elsewhere"), (room, ids[0])):
            await self.remember_as_displayed(bob, chat, last_read)
        items = await bob.plugin["xep_0490"].catch_up(timeout=PATIENCE)
        question = bob.make_iq_get(ito=os.environ["ROOMS_DOMAIN"])
        unread = ElementTree.SubElement(question.xml, f"{LYCEUM}unread")
        unread.extend(item.xml for item in items["pubsub"]["items"])
        answer = await question.send(timeout=PATIENCE)
        rooms = answer.xml.findall(f"{LYCEUM}unread/{LYCEUM}room")
        counts = {room.get("jid"): room.get("count") for room in rooms}
        self.assertEqual("2", counts[room])
        self.assertNotIn(self.address("ann"), counts)


if __name__ == "__main__":
    unittest.main()
