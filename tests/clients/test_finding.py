"""Finding the service and its rooms. XEP-0045 section 6, XEP-0030, XEP-0092, XEP-0410."""

import unittest

from person import PATIENCE
from story import ROOMS_DOMAIN, USERS_DOMAIN, Story


class Finding(Story):
    async def test_the_server_lists_the_service(self):
        ann = await self.person("ann")
        self.assertIn(ROOMS_DOMAIN, await ann.asks_for_items(USERS_DOMAIN))

    async def test_the_service_says_what_it_is(self):
        ann = await self.person("ann")
        identities, features, _ = await ann.asks_for_information(ROOMS_DOMAIN)
        self.assertIn(("conference", "text"), {(kind, name) for kind, name, _ in identities})
        self.assertIn("http://jabber.org/protocol/muc", features)

    async def test_a_public_room_is_listed_with_its_name_and_a_hidden_one_is_not(self):
        shown, ann = await self.room_with(
            "ann", settings={"muc#roomconfig_roomname": "The Listed Heath"}
        )
        hidden = self.fresh_room()
        await ann.creates(hidden)
        await ann.configures(hidden, {"muc#roomconfig_publicroom": False})
        bob = await self.person("bob")
        rooms = await bob.asks_for_items(ROOMS_DOMAIN)
        self.assertEqual("The Listed Heath", rooms.get(shown))
        self.assertNotIn(hidden, rooms)

    async def test_a_room_says_what_it_is_like(self):
        room, ann, _ = await self.room_with(
            "ann",
            "bob",
            settings={
                "muc#roomconfig_roomname": "The Wide Heath",
                "muc#roomconfig_roomdesc": "Bleak",
                "muc#roomconfig_moderatedroom": True,
            },
        )
        identities, features, info = await ann.asks_for_information(room)
        self.assertIn(("conference", "text", "The Wide Heath"), identities)
        self.assertLessEqual(
            {"http://jabber.org/protocol/muc", "muc_persistent", "muc_public", "muc_moderated", "muc_open"},
            features,
        )
        self.assertFalse({"muc_hidden", "muc_membersonly", "muc_unmoderated"} & features)
        self.assertEqual("Bleak", info["muc#roominfo_description"])
        self.assertEqual("2", info["muc#roominfo_occupants"])

    async def test_a_room_that_does_not_exist_says_so(self):
        ann = await self.person("ann")
        await ann.is_refused("item-not-found", ann.asks_for_information(self.fresh_room()))

    async def test_an_occupant_pings_himself_and_a_stranger_is_told_that_he_is_not_in(self):
        room, ann = await self.room_with("ann")
        bob = await self.person("bob")
        await ann.plugin["xep_0199"].send_ping(f"{room}/ann", timeout=PATIENCE)
        await bob.is_refused(
            "not-acceptable", bob.plugin["xep_0199"].send_ping(f"{room}/ann", timeout=PATIENCE)
        )
        ann.leaves(room)
        await ann.hears_that_nick_left(room, "ann", 110)
        await ann.is_refused(
            "not-acceptable", ann.plugin["xep_0199"].send_ping(f"{room}/ann", timeout=PATIENCE)
        )

    async def test_the_service_answers_pings_and_tells_its_version(self):
        ann = await self.person("ann")
        await ann.plugin["xep_0199"].send_ping(ROOMS_DOMAIN, timeout=PATIENCE)
        answer = await ann.plugin["xep_0092"].get_version(ROOMS_DOMAIN, timeout=PATIENCE)
        self.assertTrue(answer["software_version"]["name"])


if __name__ == "__main__":
    unittest.main()
