"""The life of an auditorium: who speaks in it, who comes to speak, and what a large audience sees."""

import unittest

from slixmpp.exceptions import PresenceError

from person import error_of, is_message, item
from story import Story

OURS = "{urn:lyceum:0}"
HAT = "{urn:xmpp:hats:0}hats/{urn:xmpp:hats:0}hat"


def hats(presence):
    """The titles of the hats that somebody wears."""
    return [hat.get("title") for hat in presence.xml.findall(HAT)]


class Auditorium(Story):
    async def is_silent(self, person, room):
        person.says(room, "May I?")
        error = await person.hears("a refusal", lambda s: is_message(s, room, None, "error"))
        self.assertEqual("forbidden", error_of(error))

    async def test_presenters_speak_and_members_listen(self):
        room, ann = await self.room_with("ann", settings={
            f"{OURS}type": "auditorium",
            f"{OURS}privacy": "closed",
            f"{OURS}presenters": [self.address("bob")],
        })
        await ann.muc.set_affiliation(room, "member", jid=self.address("cy"))
        bob, cy, dan = await self.people("bob", "cy", "dan")
        own, _, others, _ = await bob.enters(room)
        self.assertEqual(("participant", "none"), (item(own)["role"], item(own)["affiliation"]))
        self.assertEqual((["Presenter"], ["Manager"]), (hats(own), hats(others[0])))
        own, *_ = await cy.enters(room)
        self.assertEqual(("visitor", []), (item(own)["role"], hats(own)))
        with self.assertRaises(PresenceError) as refusal:
            await dan.enters(room)
        self.assertEqual("registration-required", refusal.exception.condition)
        bob.says(room, "Good evening")
        for person in (ann, bob, cy):
            await person.hears_message(room, "bob", "Good evening")
        await self.is_silent(cy, room)
        results, _ = await cy.asks_archive(room)
        self.assertEqual(1, len(results))

    async def test_the_type_changes_while_people_are_inside(self):
        room, ann, bob, cy = await self.room_with("ann", "bob", "cy")
        await ann.configures(room, {f"{OURS}presenters": [self.address("cy")]})
        await ann.configures(room, {"muc#roomconfig_moderatedroom": True})
        for person in (ann, bob, cy):
            await person.hears_presence(room, "bob", role="visitor")
            seen = await person.hears_presence(room, "cy", role="participant")
            self.assertEqual(["Presenter"], hats(seen))
        _, features, form = await bob.asks_for_information(room)
        self.assertIn("urn:xmpp:hats:0", features)
        self.assertEqual("auditorium", form[f"{OURS}type"])
        await ann.configures(room, {f"{OURS}type": "normal"})
        for person in (ann, bob, cy):
            await person.hears_presence(room, "bob", role="participant")
        bob.says(room, "Free again")
        await ann.hears_message(room, "bob", "Free again")

    async def test_presenters_come_and_go(self):
        room, ann, bob = await self.room_with("ann", "bob")
        await ann.configures(room, {f"{OURS}type": "auditorium"})
        await bob.hears_presence(room, "bob", role="visitor")
        await ann.configures(room, {f"{OURS}presenters": [self.address("bob")]})
        for person in (ann, bob):
            seen = await person.hears_presence(room, "bob", role="participant")
            self.assertEqual(["Presenter"], hats(seen))
        settings = await ann.reads_configuration(room)
        self.assertEqual([self.address("bob")], settings[f"{OURS}presenters"])
        await ann.configures(room, {f"{OURS}presenters": []})
        for person in (ann, bob):
            seen = await person.hears_presence(room, "bob", role="visitor")
            self.assertEqual([], hats(seen))
        await self.is_silent(bob, room)

    async def test_who_asks_for_voice_may_get_it_for_good(self):
        room, ann, bob = await self.room_with("ann", "bob")
        await ann.configures(room, {f"{OURS}type": "auditorium"})
        await bob.hears_presence(room, "bob", role="visitor")
        bob.muc.request_voice(room, "participant")
        request = await ann.hears(
            "the request for voice",
            lambda s: is_message(s, room, None, "normal") and "muc#request_allow" in str(s),
        )
        ticked = ("muc#request_allow", f"{OURS}presenter")
        approval = ann.make_message(mto=room)
        form = ann.plugin["xep_0004"].make_form(ftype="submit")
        for name, field in request["form"].get_fields().items():
            value = True if name in ticked else field.get_value()
            form.add_field(var=name, ftype=field["type"], value=value)
        approval.append(form)
        approval.send()
        seen = await bob.hears_presence(room, "bob", role="participant")
        self.assertEqual(["Presenter"], hats(seen))
        settings = await ann.reads_configuration(room)
        self.assertEqual([self.address("bob")], settings[f"{OURS}presenters"])

    async def test_a_large_audience_is_counted_and_listed_but_not_shown(self):
        room, ann, bob = await self.room_with("ann", "bob")
        await ann.configures(room, {
            f"{OURS}type": "auditorium",
            f"{OURS}participant-updates-max": "2",
        })
        cy = await self.person("cy")
        own, _, others, _ = await cy.enters(room)
        self.assertEqual(["ann"], [seen["from"].resource for seen in others])
        thinned = own.xml.find(f"{OURS}thinned")
        self.assertEqual("3", thinned.get("occupants"))
        listed = await cy.asks_for_items(room)
        self.assertEqual({f"{room}/{nick}" for nick in ("ann", "bob", "cy")}, set(listed))
        _, _, form = await cy.asks_for_information(room)
        self.assertEqual("3", form["muc#roominfo_occupants"])
        ann.says(room, "Welcome, all")
        for person in (ann, bob, cy):
            await person.hears_message(room, "ann", "Welcome, all")
        cy.leaves(room)
        await cy.hears_presence(room, "cy", type="unavailable")
        bob.leaves(room)
        await ann.hears_that_nick_left(room, "bob")
        await ann.hears_nothing(
            "that cy came or went", lambda s: s["from"] == f"{room}/cy"
        )


if __name__ == "__main__":
    unittest.main()
