"""Creating a room and coming in. XEP-0045 sections 7.2 and 10.1."""

import unittest

from slixmpp.exceptions import PresenceError

from person import codes, error_of, is_message, is_presence, item
from story import Story


class Entering(Story):
    async def test_an_instant_room_is_created_by_entering_it_and_accepting_its_defaults(self):
        room = self.fresh_room()
        ann = await self.person("ann")
        own, subject, others, history = await ann.enters(room)
        self.assertLessEqual({110, 201}, codes(own))
        self.assertEqual(
            ("owner", "moderator"), (item(own)["affiliation"], item(own)["role"])
        )
        self.assertEqual(([], []), (others, history))
        await ann.configures(room, {})
        ann.says(room, "Anybody here?")
        await ann.hears_message(room, "ann", "Anybody here?")

    async def test_a_locked_room_does_not_let_others_in(self):
        room = self.fresh_room()
        ann, bob = await self.people("ann", "bob")
        await ann.enters(room)
        with self.assertRaises(PresenceError) as refusal:
            await bob.enters(room)
        self.assertEqual("item-not-found", refusal.exception.condition)
        await ann.configures(room, {})
        await bob.enters(room)

    async def test_a_newcomer_sees_who_is_there_and_is_seen(self):
        room, ann, bob = await self.room_with("ann", "bob")
        cy = await self.person("cy")
        own, _, others, _ = await cy.enters(room)
        self.assertEqual({"ann", "bob"}, {presence["from"].resource for presence in others})
        self.assertIn(110, codes(own))
        for witness in (ann, bob):
            seen = await witness.hears_presence(room, "cy", role="participant")
            self.assertNotIn(110, codes(seen))

    async def test_a_room_for_everybody_to_see_says_so_and_shows_real_addresses(self):
        room, ann = await self.room_with(
            "ann", settings={"muc#roomconfig_whois": "anyone"}
        )
        bob = await self.person("bob")
        own, _, others, _ = await bob.enters(room)
        self.assertIn(100, codes(own))
        self.assertEqual(ann.boundjid.full, item(others[0])["jid"])
        seen = await ann.hears_presence(room, "bob")
        self.assertEqual(bob.boundjid.full, item(seen)["jid"])

    async def test_a_semi_anonymous_room_shows_real_addresses_to_moderators_only(self):
        room, ann, bob = await self.room_with(
            "ann", "bob", settings={"muc#roomconfig_whois": "moderators"}
        )
        cy = await self.person("cy")
        own, _, others, _ = await cy.enters(room)
        self.assertNotIn(100, codes(own))
        self.assertFalse([item(presence) for presence in others if "jid" in item(presence)])
        self.assertEqual(
            cy.boundjid.full, item(await ann.hears_presence(room, "cy")).get("jid")
        )
        self.assertNotIn("jid", item(await bob.hears_presence(room, "cy")))

    async def test_a_newcomer_is_sent_the_history_he_asks_for(self):
        room, ann = await self.room_with("ann")
        for number in range(1, 6):
            ann.says(room, f"line {number}")
            await ann.hears_message(room, "ann", f"line {number}")
        for wanted, expected in (
            ({"maxstanzas": 2}, ["line 4", "line 5"]),
            ({"maxstanzas": 0}, []),
            ({"seconds": 3600}, [f"line {number}" for number in range(1, 6)]),
            ({"maxchars": 0}, []),
        ):
            with self.subTest(wanted=wanted):
                bob = await self.person("bob")
                _, _, _, history = await bob.enters(room, **wanted)
                self.assertEqual(expected, [message["body"] for message in history])
                for message in history:
                    self.assertEqual(f"{room}/ann", message["from"])
                    self.assertIsNotNone(message.xml.find("{urn:xmpp:delay}delay"))
                bob.leaves(room)
                await bob.hears_that_nick_left(room, "bob", 110)

    async def test_the_subject_comes_last_on_entering(self):
        room, ann = await self.room_with("ann")
        ann.muc.set_subject(room, "Harvest")
        ann.says(room, "After the subject")
        await ann.hears_message(room, "ann", "After the subject")
        bob = await self.person("bob")
        _, subject, _, history = await bob.enters(room)
        self.assertEqual("Harvest", subject["subject"])
        self.assertEqual(f"{room}/ann", subject["from"])
        self.assertEqual("After the subject", history[-1]["body"])
        arrived = [stanza for stanza in bob._heard if stanza["from"].bare == room]
        self.assertIs(subject, arrived[-1])

    async def test_a_wrong_password_is_refused_and_the_right_one_opens(self):
        room, _ = await self.room_with(
            "ann",
            settings={
                "muc#roomconfig_passwordprotectedroom": True,
                "muc#roomconfig_roomsecret": "cauldron",
            },
        )
        bob = await self.person("bob")
        for password in (None, "kettle"):
            with self.subTest(password=password), self.assertRaises(PresenceError) as refusal:
                await bob.enters(room, password=password)
            self.assertEqual("not-authorized", refusal.exception.condition)
        await bob.enters(room, password="cauldron")

    async def test_a_members_only_room_is_closed_to_others_until_they_are_members(self):
        room, ann = await self.room_with("ann", settings={"muc#roomconfig_membersonly": True})
        bob = await self.person("bob")
        with self.assertRaises(PresenceError) as refusal:
            await bob.enters(room)
        self.assertEqual("registration-required", refusal.exception.condition)
        await ann.muc.set_affiliation(room, "member", jid=self.address("bob"))
        own, *_ = await bob.enters(room)
        self.assertEqual("member", item(own)["affiliation"])

    async def test_a_taken_nick_is_refused_and_the_holder_stays(self):
        room, ann, bob = await self.room_with("ann", "bob")
        cy = await self.person("cy")
        with self.assertRaises(PresenceError) as refusal:
            await cy.enters(room, "bob")
        self.assertEqual("conflict", refusal.exception.condition)
        bob.says(room, "It is still me")
        await ann.hears_message(room, "bob", "It is still me")

    async def test_a_stranger_to_the_room_cannot_talk_into_it(self):
        room, ann = await self.room_with("ann")
        bob = await self.person("bob")
        bob.says(room, "Hello from outside")
        error = await bob.hears("a refusal", lambda s: is_message(s, room, None, "error"))
        self.assertEqual("not-acceptable", error_of(error))
        await ann.hears_nothing(
            "somebody from outside", lambda s: is_message(s, room, "bob")
        )

    async def test_entering_without_a_nick_is_refused(self):
        room, _ = await self.room_with("ann")
        bob = await self.person("bob")
        presence = bob.make_presence(pto=room)
        presence.enable("muc_join")
        presence.send()
        error = await bob.hears(
            "a refusal", lambda s: s["from"].bare == room and s["type"] == "error"
        )
        self.assertEqual("jid-malformed", error_of(error))

    async def test_a_second_device_joins_under_the_same_nick_and_both_hear_everything(self):
        room, ann, bob = await self.room_with("ann", "bob")
        other_device = await self.person("bob")
        _, _, others, _ = await other_device.enters(room)
        self.assertEqual(["ann"], [presence["from"].resource for presence in others])
        ann.says(room, "Good morning")
        for device in (bob, other_device):
            await device.hears_message(room, "ann", "Good morning")
        other_device.says(room, "From my phone")
        for listener in (ann, bob, other_device):
            await listener.hears_message(room, "bob", "From my phone")
        bob.leaves(room)
        await bob.hears_that_nick_left(room, "bob", 110)
        await ann.hears_nothing(
            "bob leaving",
            lambda s: is_presence(s, room, "bob") and s["type"] == "unavailable",
        )
        other_device.leaves(room)
        await ann.hears_that_nick_left(room, "bob")


if __name__ == "__main__":
    unittest.main()
