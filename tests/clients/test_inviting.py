"""Mediated and direct invitations. XEP-0045 section 7.8 and XEP-0249."""

import unittest

from person import item
from story import ROOMS_DOMAIN, Story

USER = "{http://jabber.org/protocol/muc#user}"


class Inviting(Story):
    async def test_an_invitation_through_the_room_arrives_and_opens_a_members_only_room(self):
        room, ann = await self.room_with("ann", settings={"muc#roomconfig_membersonly": True})
        bob = await self.person("bob")
        ann.muc.invite(room, self.address("bob"), reason="Hail")
        invitation = await bob.hears(
            "an invitation", lambda s: s.xml.find(f"{USER}x/{USER}invite") is not None
        )
        self.assertEqual(room, invitation["from"])
        invite = invitation.xml.find(f"{USER}x/{USER}invite")
        self.assertTrue(invite.get("from").startswith((self.address("ann"), f"{room}/ann")))
        self.assertEqual("Hail", invite.findtext(f"{USER}reason"))
        own, *_ = await bob.enters(room)
        self.assertEqual("member", item(own)["affiliation"])

    async def test_an_invitation_carries_the_rooms_password(self):
        room, ann = await self.room_with(
            "ann",
            settings={
                "muc#roomconfig_passwordprotectedroom": True,
                "muc#roomconfig_roomsecret": "cauldron",
            },
        )
        bob = await self.person("bob")
        ann.muc.invite(room, self.address("bob"))
        invitation = await bob.hears(
            "an invitation", lambda s: s.xml.find(f"{USER}x/{USER}invite") is not None
        )
        password = invitation.xml.findtext(f"{USER}x/{USER}password")
        await bob.enters(room, password=password)

    async def test_who_was_invited_can_decline(self):
        room, ann = await self.room_with("ann")
        bob = await self.person("bob")
        ann.muc.invite(room, self.address("bob"))
        await bob.hears(
            "an invitation", lambda s: s.xml.find(f"{USER}x/{USER}invite") is not None
        )
        bob.muc.decline(room, self.address("ann"), reason="Too far")
        answer = await ann.hears(
            "the answer", lambda s: s.xml.find(f"{USER}x/{USER}decline") is not None
        )
        decline = answer.xml.find(f"{USER}x/{USER}decline")
        self.assertTrue(decline.get("from").startswith(self.address("bob")))
        self.assertEqual("Too far", decline.findtext(f"{USER}reason"))

    async def test_nobody_invites_into_a_room_he_is_not_in(self):
        room, _ = await self.room_with("ann")
        bob, cy = await self.people("bob", "cy")
        bob.muc.invite(room, self.address("cy"))
        await bob.hears(
            "a refusal",
            lambda s: s["from"].bare == room and s["type"] == "error",
        )
        await cy.hears_nothing("an invitation", lambda s: s["from"].domain == ROOMS_DOMAIN)

    async def test_a_direct_invitation_leads_into_the_room(self):
        room, ann = await self.room_with("ann")
        bob = await self.person("bob")
        ann.plugin["xep_0249"].send_invitation(bob.boundjid.full, room, reason="Hail")
        invitation = await bob.hears(
            "a direct invitation", lambda s: s.xml.find("{jabber:x:conference}x") is not None
        )
        self.assertEqual(room, invitation["groupchat_invite"]["jid"])
        await bob.enters(str(invitation["groupchat_invite"]["jid"]))
        await ann.hears_presence(room, "bob")


if __name__ == "__main__":
    unittest.main()
