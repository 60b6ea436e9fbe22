"""The owner's configuration form. XEP-0045 section 10.2 and the registry in 16.5.3."""

import unittest

from person import PATIENCE, codes, is_message
from story import Story

# Every field of the registry that an owner sets, each with a value that is not its default. The
# admins and the owners are lists of people and set by their own stories.
PREFIX = "muc#roomconfig_"
SETTINGS = {
    "roomname": "The Blasted Heath",
    "roomdesc": "Where to meet again",
    "lang": "gd",
    "persistentroom": True,
    "publicroom": False,
    "membersonly": True,
    "moderatedroom": True,
    "passwordprotectedroom": True,
    "roomsecret": "cauldron",
    "maxusers": "50",
    "whois": "moderators",
    "changesubject": True,
    "allowinvites": False,
    "allowpm": "participants",
    "enablelogging": True,
    "presencebroadcast": ["moderator", "participant"],
    "getmemberlist": ["moderator"],
    "pubsub": "xmpp:pubsub.example.org?;node=heath",
}


def comparable(value):
    """Lists have no order, and a boolean is one however it was written."""
    if isinstance(value, list):
        return sorted(value)
    return {"1": True, "true": True, "0": False, "false": False}.get(value, value)


class Configuring(Story):
    async def test_every_field_that_is_set_is_read_back(self):
        room, ann = await self.room_with("ann")
        settings = {PREFIX + name: value for name, value in SETTINGS.items()}
        before = await ann.reads_configuration(room)
        self.assertEqual(set(), set(settings) - set(before), "fields the form does not offer")
        await ann.configures(room, settings)
        after = await ann.reads_configuration(room)
        for name, value in settings.items():
            with self.subTest(field=name):
                self.assertEqual(comparable(value), comparable(after[name]))

    async def test_fields_that_are_not_sent_keep_their_values(self):
        room, ann = await self.room_with("ann")
        await ann.configures(room, {"muc#roomconfig_roomname": "The Heath"})
        before = await ann.reads_configuration(room)
        await ann.configures(room, {"muc#roomconfig_roomdesc": "Bleak"})
        after = await ann.reads_configuration(room)
        self.assertEqual("The Heath", after["muc#roomconfig_roomname"])
        changed = {name for name in before if before[name] != after.get(name)}
        changed.discard("{urn:lyceum:0}version")
        self.assertEqual({"muc#roomconfig_roomdesc"}, changed)

    async def test_the_people_in_the_room_are_told_of_a_change(self):
        room, ann, bob = await self.room_with("ann", "bob")
        await ann.configures(room, {"muc#roomconfig_roomname": "A Heath"})
        for person in (ann, bob):
            await person.hears(
                "that the configuration has changed",
                lambda s: is_message(s, room, None) and 104 in codes(s),
            )

    async def test_only_an_owner_may_read_or_change_the_configuration(self):
        room, _, bob = await self.room_with("ann", "bob")
        await bob.is_refused("forbidden", bob.reads_configuration(room))
        await bob.is_refused(
            "forbidden", bob.configures(room, {"muc#roomconfig_roomname": "Mine"})
        )

    async def test_a_wrong_value_is_refused_and_changes_nothing(self):
        room, ann = await self.room_with("ann")
        before = await ann.reads_configuration(room)
        for field, value in (
            ("muc#roomconfig_whois", "everybody"),
            ("muc#roomconfig_maxusers", "many"),
            ("muc#roomconfig_persistentroom", "perhaps"),
        ):
            with self.subTest(field=field):
                await ann.is_refused(
                    "bad-request not-acceptable",
                    ann.configures(room, {"muc#roomconfig_roomname": "Half done", field: value}),
                )
        self.assertEqual(before, await ann.reads_configuration(room))

    async def test_a_cancelled_first_configuration_leaves_no_room(self):
        room = self.fresh_room()
        ann, bob = await self.people("ann", "bob")
        await ann.enters(room)
        await ann.muc.cancel_config(room, timeout=PATIENCE)
        await ann.hears_presence(room, "ann", "the end of the room", type="unavailable")
        await bob.is_refused("item-not-found", bob.asks_for_information(room))

    async def test_the_last_owner_cannot_be_taken_away(self):
        room, ann = await self.room_with("ann")
        await ann.is_refused(
            "conflict", ann.muc.set_affiliation(room, "none", jid=self.address("ann"))
        )
        await ann.muc.set_affiliation(room, "owner", jid=self.address("bob"))
        await ann.muc.set_affiliation(room, "none", jid=self.address("ann"))
        await ann.is_refused("forbidden", ann.reads_configuration(room))


if __name__ == "__main__":
    unittest.main()
