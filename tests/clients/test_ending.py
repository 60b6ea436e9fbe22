"""Leaving, coming back, and the end of a room. XEP-0045 sections 7.14 and 10.9."""

import unittest

from slixmpp.exceptions import PresenceError

from person import PATIENCE, codes, item
from story import Story

DESTROY = (
    "{http://jabber.org/protocol/muc#user}x/{http://jabber.org/protocol/muc#user}destroy"
)


class Ending(Story):
    async def test_who_leaves_is_seen_leaving_with_his_words_and_hears_no_more(self):
        room, ann, bob = await self.room_with("ann", "bob")
        bob.leaves(room, status="Till dinner")
        own = await bob.hears_that_nick_left(room, "bob", 110)
        self.assertEqual("none", item(own)["role"])
        seen = await ann.hears_that_nick_left(room, "bob")
        self.assertEqual("Till dinner", seen["status"])
        ann.says(room, "He has gone")
        await ann.hears_message(room, "ann", "He has gone")
        await bob.hears_nothing("what is said behind his back", lambda s: "He has gone" in str(s))

    async def test_a_room_that_everybody_has_left_is_still_there_with_what_was_said(self):
        room, ann = await self.room_with("ann")
        ann.says(room, "Remember me")
        await ann.hears_message(room, "ann", "Remember me")
        ann.leaves(room)
        await ann.hears_that_nick_left(room, "ann", 110)
        own, _, _, history = await ann.enters(room)
        self.assertNotIn(201, codes(own))
        self.assertEqual("owner", item(own)["affiliation"])
        self.assertEqual(["Remember me"], [message["body"] for message in history])

    async def test_who_loses_his_connection_leaves_the_room(self):
        room, ann, bob = await self.room_with("ann", "bob")
        await bob.log_out()
        await ann.hears_that_nick_left(room, "bob")
        again = await self.person("bob")
        await again.enters(room)
        await ann.hears_presence(room, "bob")

    async def test_a_destroyed_room_names_its_successor_and_is_gone_for_good(self):
        room, ann, bob = await self.room_with("ann", "bob")
        successor = self.fresh_room()
        await ann.creates(successor)
        await ann.muc.destroy(room, reason="Curtain", altroom=successor, timeout=PATIENCE)
        for person in (ann, bob):
            end = await person.hears_presence(
                room, person.name, "the end of the room", type="unavailable"
            )
            destroy = end.xml.find(DESTROY)
            self.assertEqual(successor, destroy.get("jid"))
            self.assertEqual(
                "Curtain", destroy.findtext("{http://jabber.org/protocol/muc#user}reason")
            )
        cy = await self.person("cy")
        with self.assertRaises(PresenceError) as refusal:
            await cy.enters(room)
        error = refusal.exception.presence["error"]
        self.assertEqual("gone", error["condition"])
        self.assertIn(successor, error["gone"])

    async def test_only_an_owner_destroys_a_room(self):
        room, ann, bob = await self.room_with("ann", "bob")
        await bob.is_refused("forbidden", bob.muc.destroy(room, timeout=PATIENCE))
        ann.says(room, "We are still here")
        await bob.hears_message(room, "ann", "We are still here")


if __name__ == "__main__":
    unittest.main()
