"""Kicks, bans, voice and lists. XEP-0045 sections 8 and 9."""

import unittest

from slixmpp.exceptions import PresenceError

from person import codes, error_of, is_message, item, reason
from story import Story


class Moderating(Story):
    async def test_a_kicked_occupant_is_told_why_and_may_come_back(self):
        room, ann, bob, cy = await self.room_with("ann", "bob", "cy")
        await ann.muc.set_role(room, "bob", "none", reason="Too loud")
        for person in (ann, bob, cy):
            gone = await person.hears_that_nick_left(room, "bob", 307)
            self.assertEqual("none", item(gone)["role"])
            self.assertEqual("Too loud", reason(gone))
        await bob.enters(room)

    async def test_a_banned_person_is_out_and_stays_out_until_the_ban_is_lifted(self):
        room, ann, bob = await self.room_with("ann", "bob")
        await ann.muc.set_affiliation(
            room, "outcast", jid=self.address("bob"), reason="Treason"
        )
        gone = await bob.hears_that_nick_left(room, "bob", 301)
        self.assertEqual("outcast", item(gone)["affiliation"])
        self.assertEqual("Treason", reason(gone))
        await ann.hears_that_nick_left(room, "bob", 301)
        with self.assertRaises(PresenceError) as refusal:
            await bob.enters(room, "disguise")
        self.assertEqual("forbidden", refusal.exception.condition)
        outcasts = await ann.muc.get_affiliation_list(room, "outcast")
        self.assertEqual([self.address("bob")], [str(jid) for jid in outcasts])
        await ann.muc.set_affiliation(room, "none", jid=self.address("bob"))
        await bob.enters(room)

    async def test_voice_is_taken_and_given_in_a_moderated_room(self):
        room, ann, bob = await self.room_with("ann", "bob")
        await ann.configures(room, {"muc#roomconfig_moderatedroom": True})
        await ann.muc.set_role(room, "bob", "visitor")
        await bob.hears_presence(room, "bob", role="visitor")
        bob.says(room, "Can you hear me?")
        error = await bob.hears("a refusal", lambda s: is_message(s, room, None, "error"))
        self.assertEqual("forbidden", error_of(error))
        await ann.muc.set_role(room, "bob", "participant")
        await ann.hears_presence(room, "bob", role="participant")
        bob.says(room, "And now?")
        await ann.hears_message(room, "bob", "And now?")

    async def test_a_visitor_asks_for_voice_and_a_moderator_grants_it(self):
        room, ann = await self.room_with(
            "ann", settings={"muc#roomconfig_moderatedroom": True}
        )
        bob = await self.person("bob")
        own, *_ = await bob.enters(room)
        self.assertEqual("visitor", item(own)["role"])
        bob.muc.request_voice(room, "participant")
        request = await ann.hears(
            "the request for voice",
            lambda s: is_message(s, room, None, "normal") and "muc#request_allow" in str(s),
        )
        fields = request["form"].get_fields()
        self.assertEqual("bob", fields["muc#roomnick"].get_value())
        approval = ann.make_message(mto=room)
        form = ann.plugin["xep_0004"].make_form(ftype="submit")
        for name, field in fields.items():
            value = True if name == "muc#request_allow" else field.get_value()
            form.add_field(var=name, ftype=field["type"], value=value)
        approval.append(form)
        approval.send()
        await bob.hears_presence(room, "bob", role="participant")
        bob.says(room, "Thank you")
        await ann.hears_message(room, "bob", "Thank you")

    async def test_affiliations_are_given_in_bulk_and_listed(self):
        room, ann, bob = await self.room_with("ann", "bob")
        given = {"bob": "member", "cy": "admin", "dan": "outcast"}
        await ann.muc.send_affiliation_list(
            room, [(self.address(name), affiliation) for name, affiliation in given.items()]
        )
        await bob.hears_presence(room, "bob", affiliation="member")
        for name, affiliation in {**given, "ann": "owner"}.items():
            listed = await ann.muc.get_affiliation_list(room, affiliation)
            self.assertEqual([self.address(name)], [str(jid) for jid in listed])

    async def test_a_moderator_lists_roles(self):
        room, ann, *_ = await self.room_with("ann", "bob", "cy")
        self.assertEqual({"ann"}, set(await ann.muc.get_roles_list(room, "moderator")))
        self.assertEqual({"bob", "cy"}, set(await ann.muc.get_roles_list(room, "participant")))

    async def test_an_admin_moderates_but_not_against_the_owner(self):
        room, ann, bob, cy = await self.room_with("ann", "bob", "cy")
        await ann.muc.set_affiliation(room, "admin", jid=self.address("bob"))
        await bob.hears_presence(room, "bob", affiliation="admin", role="moderator")
        await bob.muc.set_role(room, "cy", "none")
        await cy.hears_that_nick_left(room, "cy", 307)
        await bob.is_refused("not-allowed", bob.muc.set_role(room, "ann", "none"))
        await bob.is_refused(
            "not-allowed",
            bob.muc.set_affiliation(room, "outcast", jid=self.address("ann")),
        )

    async def test_a_participant_cannot_moderate(self):
        room, _, bob, _ = await self.room_with("ann", "bob", "cy")
        await bob.is_refused(
            "forbidden not-allowed", bob.muc.set_role(room, "cy", "none")
        )
        await bob.is_refused(
            "forbidden", bob.muc.set_affiliation(room, "outcast", jid=self.address("cy"))
        )
        await bob.is_refused("forbidden", bob.muc.get_affiliation_list(room, "outcast"))

    async def test_who_loses_membership_of_a_members_only_room_is_shown_out(self):
        room, ann = await self.room_with("ann", settings={"muc#roomconfig_membersonly": True})
        await ann.muc.set_affiliation(room, "member", jid=self.address("bob"))
        bob = await self.person("bob")
        await bob.enters(room)
        await ann.muc.set_affiliation(room, "none", jid=self.address("bob"))
        gone = await bob.hears_presence(room, "bob", "the door", type="unavailable")
        self.assertIn(321, codes(gone))


if __name__ == "__main__":
    unittest.main()
