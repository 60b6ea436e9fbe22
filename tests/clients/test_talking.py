"""Messages, subjects, private messages and nicks. XEP-0045 sections 7.4 to 7.8 and 8.1."""

import unittest

from slixmpp.exceptions import PresenceError

from person import PATIENCE, codes, error_of, is_message, is_presence, item
from story import Story


def is_subject(stanza, room, text):
    """A subject is a message with a subject and nothing else to read."""
    return (
        stanza.name == "message"
        and stanza["from"].bare == room
        and stanza["type"] == "groupchat"
        and stanza.xml.find("{jabber:client}subject") is not None
        and stanza.xml.find("{jabber:client}body") is None
        and stanza["subject"] == text
    )


class Talking(Story):
    async def test_everybody_hears_what_is_said_in_the_same_order_and_with_the_same_ids(self):
        room, *people = await self.room_with("ann", "bob", "cy")
        for number, speaker in enumerate(people * 3):
            speaker.says(room, f"word {number}")
        heard = []
        for person in people:
            words = []
            for _ in range(9):
                message = await person.hears(
                    "a word",
                    lambda s: s.name == "message" and s["body"].startswith("word"),
                )
                words.append((message["body"], message["from"].resource, message["id"]))
            heard.append(words)
        self.assertEqual(9, len(set(heard[0])))
        self.assertEqual(heard[0], heard[1])
        self.assertEqual(heard[0], heard[2])

    async def test_a_message_carries_the_rooms_id_and_the_speakers_occupant_id(self):
        room, ann, bob = await self.room_with("ann", "bob")
        ann.says(room, "Note this")
        ids = set()
        for person in (ann, bob):
            message = await person.hears_message(room, "ann", "Note this")
            stamp = message.xml.find("{urn:xmpp:sid:0}stanza-id")
            self.assertEqual(room, stamp.get("by"))
            occupant = message.xml.find("{urn:xmpp:occupant-id:0}occupant-id")
            ids.add((stamp.get("id"), occupant.get("id")))
        self.assertEqual(1, len(ids))

    async def test_forged_marks_of_the_room_are_taken_out(self):
        room, ann, bob = await self.room_with("ann", "bob")
        message = ann.make_message(mto=room, mbody="Trust me", mtype="groupchat")
        for tag, attributes in (
            ("{urn:xmpp:sid:0}stanza-id", {"by": room, "id": "forged"}),
            ("{urn:xmpp:occupant-id:0}occupant-id", {"id": "forged"}),
        ):
            message.xml.append(message.xml.makeelement(tag, attributes))
        message.send()
        self.assertNotIn("forged", str(await bob.hears_message(room, "ann", "Trust me")))

    async def test_a_moderator_sets_the_subject_and_a_newcomer_learns_it(self):
        room, ann, bob = await self.room_with("ann", "bob")
        ann.muc.set_subject(room, "Harvest")
        for person in (ann, bob):
            subject = await person.hears("the subject", lambda s: is_subject(s, room, "Harvest"))
            self.assertEqual(f"{room}/ann", subject["from"])
        cy = await self.person("cy")
        _, subject, _, _ = await cy.enters(room)
        self.assertEqual("Harvest", subject["subject"])

    async def test_a_participant_may_set_the_subject_only_where_that_is_allowed(self):
        room, ann, bob = await self.room_with("ann", "bob")
        bob.muc.set_subject(room, "Mine")
        error = await bob.hears("a refusal", lambda s: is_message(s, room, None, "error"))
        self.assertEqual("forbidden", error_of(error))
        await ann.configures(room, {"muc#roomconfig_changesubject": True})
        bob.muc.set_subject(room, "Ours")
        await ann.hears("the subject", lambda s: is_subject(s, room, "Ours"))

    async def test_a_private_message_reaches_one_occupant_only(self):
        room, ann, bob, cy = await self.room_with("ann", "bob", "cy")
        ann.whispers(room, "bob", "Between us")
        whisper = await bob.hears(
            "the whisper", lambda s: is_message(s, room, "ann", "chat")
        )
        self.assertEqual("Between us", whisper["body"])
        await cy.hears_nothing("a whisper", lambda s: "Between us" in str(s))

    async def test_a_private_message_to_nobody_is_refused(self):
        room, ann = await self.room_with("ann")
        ann.whispers(room, "nobody", "Psst")
        error = await ann.hears(
            "a refusal", lambda s: is_message(s, room, "nobody", "error")
        )
        self.assertEqual("item-not-found", error_of(error))

    async def test_private_messages_can_be_switched_off(self):
        room, ann, bob = await self.room_with(
            "ann", "bob", settings={"muc#roomconfig_allowpm": "none"}
        )
        bob.whispers(room, "ann", "Psst")
        error = await bob.hears("a refusal", lambda s: is_message(s, room, "ann", "error"))
        self.assertIn(error_of(error), ("forbidden", "not-acceptable", "not-allowed"))
        await ann.hears_nothing("a whisper", lambda s: "Psst" in str(s))

    async def test_an_occupant_changes_his_nick_and_everybody_can_follow(self):
        room, ann, bob = await self.room_with("ann", "bob")
        self.assertEqual("robert", await bob.muc.set_self_nick(room, "robert"))
        gone = await ann.hears_that_nick_left(room, "bob", 303)
        self.assertEqual("robert", item(gone)["nick"])
        self.assertEqual("participant", item(await ann.hears_presence(room, "robert"))["role"])
        self.assertIn(110, codes(await bob.hears_presence(room, "robert", status={110})))
        bob.says(room, "Same person")
        await ann.hears_message(room, "robert", "Same person")

    async def test_nobody_takes_a_nick_that_is_in_use(self):
        room, ann, bob = await self.room_with("ann", "bob")
        bob.send_presence(pto=f"{room}/ann")
        error = await bob.hears(
            "a refusal", lambda s: is_presence(s, room, "ann") and s["type"] == "error"
        )
        self.assertEqual("conflict", error_of(error))
        bob.says(room, "Still bob")
        await ann.hears_message(room, "bob", "Still bob")

    async def test_a_changed_availability_is_shown_to_all(self):
        room, ann, bob = await self.room_with("ann", "bob")
        bob.send_presence(pto=f"{room}/bob", pshow="away", pstatus="Lunch")
        seen = await ann.hears_presence(room, "bob")
        self.assertEqual(("away", "Lunch"), (seen["show"], seen["status"]))

    async def test_a_registered_nick_belongs_to_one_person(self):
        room, ann, bob = await self.room_with("ann", "bob")
        await ann.muc.set_affiliation(room, "member", jid=self.address("bob"))
        form = await bob.plugin["xep_0077"].get_registration(jid=room, timeout=PATIENCE)
        self.assertIn("muc#register_roomnick", str(form))
        answer = bob.make_iq_set(ito=room)
        answer.enable("register")
        registration = bob.plugin["xep_0004"].make_form(ftype="submit")
        registration.add_field(
            var="FORM_TYPE", ftype="hidden", value="http://jabber.org/protocol/muc#register"
        )
        registration.add_field(var="muc#register_roomnick", value="bobby")
        answer["register"].append(registration)
        await answer.send(timeout=PATIENCE)
        cy = await self.person("cy")
        with self.assertRaises(PresenceError) as refusal:
            await cy.enters(room, "bobby")
        self.assertEqual("conflict", refusal.exception.condition)
        reserved, _, _ = await bob.asks_for_information(room, node="x-roomuser-item")
        self.assertIn("bobby", {name for _, _, name in reserved})


if __name__ == "__main__":
    unittest.main()
