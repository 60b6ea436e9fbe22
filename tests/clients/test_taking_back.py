"""Corrections, retractions, moderation and reactions. XEP-0308, XEP-0424, XEP-0425, XEP-0444."""

import unittest
from xml.etree import ElementTree as ET

from slixmpp import JID

from person import PATIENCE, error_of, is_message
from story import Story

REPLACE = "{urn:xmpp:message-correct:0}replace"
RETRACT = "{urn:xmpp:message-retract:1}retract"
RETRACT_BEFORE = "{urn:xmpp:message-retract:0}retract"
RETRACTED = "{urn:xmpp:message-retract:1}retracted"
MODERATED = "{urn:xmpp:message-moderate:1}moderated"
MODERATED_BEFORE = "{urn:xmpp:message-moderate:0}moderated"
FASTENING = "{urn:xmpp:fasten:0}apply-to"
REACTIONS = "{urn:xmpp:reactions:0}reactions"
REACTION = "{urn:xmpp:reactions:0}reaction"
RESULT = "{urn:xmpp:mam:2}result"
FORWARDED = f"{RESULT}/{{urn:xmpp:forward:0}}forwarded/{{jabber:client}}message"


def stanza_id(message):
    """The id that the room gave a message."""
    return message.xml.find("{urn:xmpp:sid:0}stanza-id").get("id")


def occupant_id(xml):
    return xml.find("{urn:xmpp:occupant-id:0}occupant-id").get("id")


class TakingBack(Story):
    async def says(self, speaker, room, text, *listeners):
        """Somebody says something; returns the message as he hears it himself."""
        speaker.says(room, text)
        for listener in listeners:
            await listener.hears_message(room, speaker.name, text)
        return await speaker.hears_message(room, speaker.name, text)

    def corrects(self, person, room, id, text):
        person.plugin["xep_0308"].build_correction(
            id, mto=room, mtype="groupchat", mbody=text
        ).send()

    def retracts(self, person, room, id):
        return person.plugin["xep_0424"].send_retraction(room, id, mtype="groupchat")

    async def hears_retraction(self, person, room, nick, id):
        return await person.hears(
            f"that {nick} takes {id} back",
            lambda s: is_message(s, room, nick)
            and s.xml.find(RETRACT) is not None
            and s.xml.find(RETRACT).get("id") == id,
        )

    async def is_told_no(self, person, room, condition):
        refusal = await person.hears("a refusal", lambda s: is_message(s, room, None, "error"))
        self.assertEqual(condition, error_of(refusal))

    async def late_comer(self, room, name="dan"):
        """Somebody who enters now; returns what the history shows him."""
        person = await self.person(name)
        await person.enters(room)
        return person.history(room)

    async def archive(self, person, room):
        """All that the archive has of a room, as it was said."""
        query = person.make_iq_set(ito=room)
        ET.SubElement(query.xml, "{urn:xmpp:mam:2}query")
        await query.send(timeout=PATIENCE)
        return [stanza.xml.find(FORWARDED) for stanza in person.results(room)]

    async def test_a_correction_is_heard_and_comes_behind_its_message_for_late_comers(self):
        room, ann, bob = await self.room_with("ann", "bob")
        said = await self.says(bob, room, "Wehn shall we meet?", ann)
        self.corrects(bob, room, said["id"], "When shall we meet?")
        for person in (ann, bob):
            corrected = await person.hears_message(room, "bob", "When shall we meet?")
            self.assertEqual(said["id"], corrected["replace"]["id"])
        history = await self.late_comer(room)
        self.assertEqual(
            ["Wehn shall we meet?", "When shall we meet?"], [m["body"] for m in history]
        )
        self.assertEqual(said["id"], history[1].xml.find(REPLACE).get("id"))

    async def test_nobody_corrects_or_retracts_what_another_said_not_even_the_owner(self):
        room, ann, bob, cy = await self.room_with("ann", "bob", "cy")
        said = await self.says(bob, room, "Mine", ann, cy)
        for other in (ann, cy):
            self.corrects(other, room, said["id"], "Ours")
            await self.is_told_no(other, room, "forbidden")
            self.retracts(other, room, stanza_id(said))
            await self.is_told_no(other, room, "forbidden")
        await bob.hears_nothing("a word of others", lambda s: is_message(s, room, "ann"))
        await bob.hears_nothing("a word of others", lambda s: is_message(s, room, "cy"))
        self.assertEqual(["Mine"], [m["body"] for m in await self.late_comer(room)])

    async def test_a_retracted_message_is_gone_for_late_comers_who_learn_of_the_retraction(self):
        room, ann, bob = await self.room_with("ann", "bob")
        said = await self.says(bob, room, "My password is secret", ann)
        self.retracts(bob, room, stanza_id(said))
        for person in (ann, bob):
            await self.hears_retraction(person, room, "bob", stanza_id(said))
        (retraction,) = await self.late_comer(room)
        self.assertEqual(stanza_id(said), retraction["retract"]["id"])
        self.assertNotIn("secret", str(retraction))
        self.retracts(bob, room, stanza_id(said))
        await self.is_told_no(bob, room, "item-not-found")
        tombstone, kept = await self.archive(ann, room)
        self.assertEqual(retraction["id"], tombstone.find(RETRACTED).get("id"))
        self.assertEqual(said["id"], tombstone.get("id"))
        self.assertEqual(occupant_id(said.xml), occupant_id(tombstone))
        self.assertIsNone(tombstone.find("{jabber:client}body"))
        self.assertEqual(retraction["id"], kept.get("id"))

    async def test_the_author_is_the_author_on_another_device_and_under_another_nick(self):
        room, ann, bob = await self.room_with("ann", "bob")
        said = await self.says(bob, room, "Oops", ann)
        bob.leaves(room)
        await ann.hears_that_nick_left(room, "bob")
        phone = await self.person("bob")
        await phone.enters(room, "robert")
        self.retracts(phone, room, stanza_id(said))
        await self.hears_retraction(ann, room, "robert", stanza_id(said))
        (retraction,) = await self.late_comer(room)
        self.assertIsNotNone(retraction.xml.find(RETRACT))

    async def test_who_takes_the_nick_does_not_take_the_words(self):
        room, ann, bob, cy = await self.room_with("ann", "bob", "cy")
        said = await self.says(bob, room, "Mine", ann, cy)
        bob.leaves(room)
        await cy.hears_that_nick_left(room, "bob")
        cy.leaves(room)
        await ann.hears_that_nick_left(room, "cy")
        await cy.enters(room, "bob")
        self.corrects(cy, room, said["id"], "Yours")
        await self.is_told_no(cy, room, "forbidden")

    async def test_with_a_message_go_its_corrections(self):
        room, ann, bob = await self.room_with("ann", "bob")
        said = await self.says(bob, room, "One", ann)
        for text in ("Two", "Three"):
            self.corrects(bob, room, said["id"], text)
            correction = await bob.hears_message(room, "bob", text)
        self.retracts(bob, room, stanza_id(correction))
        await self.hears_retraction(ann, room, "bob", stanza_id(correction))
        (retraction,) = await self.late_comer(room)
        self.assertEqual(stanza_id(correction), retraction["retract"]["id"])

    async def test_a_moderator_takes_a_message_back_and_all_learn_who_and_why(self):
        room, ann, bob, cy = await self.room_with(
            "ann", "bob", "cy", settings={"muc#roomconfig_whois": "moderators"}
        )
        anns = occupant_id((await self.says(ann, room, "Be nice", bob, cy)).xml)
        said = await self.says(bob, room, "Buy magic potions", ann, cy)
        await ann.plugin["xep_0425"].moderate(
            JID(room), stanza_id(said), "Spam", timeout=PATIENCE
        )
        for person in (ann, bob, cy):
            told = await person.hears(
                "the moderation",
                lambda s: is_message(s, room, None) and s.xml.find(RETRACT) is not None,
            )
            retract = told["retract"]
            self.assertEqual(stanza_id(said), retract["id"])
            self.assertEqual("Spam", told.xml.find(f"{RETRACT}/{{*}}reason").text)
            self.assertEqual(f"{room}/ann", str(retract["moderated"]["by"]))
            self.assertEqual(anns, retract["moderated"]["occupant-id"]["id"])
            before = told.xml.find(f"{FASTENING}/{MODERATED_BEFORE}/{RETRACT_BEFORE}")
            self.assertIsNotNone(before, "clients of the previous version are told too")
        nice, moderation = await self.late_comer(room)
        self.assertEqual("Be nice", nice["body"])
        self.assertEqual(told["id"], moderation["id"])
        self.assertIsNotNone(moderation.xml.find(f"{RETRACT}/{MODERATED}"))
        _, tombstone, kept = await self.archive(cy, room)
        moderated = tombstone.find(f"{RETRACTED}/{MODERATED}")
        self.assertEqual(f"{room}/ann", moderated.get("by"))
        self.assertEqual(anns, occupant_id(moderated))
        self.assertEqual(occupant_id(said.xml), occupant_id(tombstone))
        self.assertEqual(told["id"], kept.get("id"))

    async def test_only_moderators_moderate_and_nothing_that_is_not_there(self):
        room, ann, bob, cy = await self.room_with("ann", "bob", "cy")
        said = await self.says(bob, room, "Hm", ann, cy)
        moderate = cy.plugin["xep_0425"].moderate
        jid = JID(room)
        await cy.is_refused("forbidden", moderate(jid, stanza_id(said), timeout=PATIENCE))
        moderate = ann.plugin["xep_0425"].moderate
        await ann.is_refused("item-not-found", moderate(jid, "nothing", timeout=PATIENCE))

    async def test_what_only_the_room_may_say_is_taken_out(self):
        room, ann, bob = await self.room_with("ann", "bob")
        said = await self.says(ann, room, "True", bob)
        forgery = bob.make_message(mto=room, mbody="Look", mtype="groupchat")
        retract = ET.SubElement(forgery.xml, RETRACT, {"id": stanza_id(said)})
        ET.SubElement(retract, MODERATED, {"by": f"{room}/ann"})
        ET.SubElement(forgery.xml, RETRACTED, {"id": stanza_id(said)})
        forgery.send()
        heard = await ann.hears_message(room, "bob", "Look")
        self.assertIsNone(heard.xml.find(RETRACT))
        self.assertIsNone(heard.xml.find(RETRACTED))
        self.assertEqual(["True", "Look"], [m["body"] for m in await self.late_comer(room)])

    async def test_reactions_are_heard_and_kept(self):
        room, ann, bob = await self.room_with("ann", "bob")
        said = await self.says(bob, room, "We won", ann)
        reaction = ann.make_message(mto=room, mtype="groupchat")
        ann.plugin["xep_0444"].set_reactions(reaction, stanza_id(said), ["\N{PARTY POPPER}"])
        reaction.send()
        heard = await bob.hears(
            "a reaction",
            lambda s: is_message(s, room, "ann") and s.xml.find(REACTIONS) is not None,
        )
        self.assertEqual({"\N{PARTY POPPER}"}, heard["reactions"]["values"])
        _, kept = await self.late_comer(room)
        self.assertEqual(stanza_id(said), kept.xml.find(REACTIONS).get("id"))
        self.assertEqual("\N{PARTY POPPER}", kept.xml.find(f"{REACTIONS}/{REACTION}").text)


if __name__ == "__main__":
    unittest.main()
