"""Commands in a client. XEP-0050, with forms (XEP-0004)."""

import unittest

from story import ROOMS_DOMAIN, Story

FORM = "{jabber:x:data}x"
FIELD = "{jabber:x:data}field"
VALUE = "{jabber:x:data}value"


def values(element):
    """The fields of a form, or of an item in it: a dictionary from name to text."""
    fields = {}
    for field in element.findall(FIELD):
        texts = [value.text or "" for value in field.findall(VALUE)]
        fields[field.get("var")] = texts[0] if len(texts) == 1 else texts
    return fields


def form(command):
    return values(command.xml.find(FORM))


def rows(command):
    return [values(item) for item in command.xml.find(FORM).findall("{jabber:x:data}item")]


def note(command):
    """The only note, as (type, text)."""
    (found,) = command["notes"]
    return found


def actions(command):
    return {action for action in ("prev", "next", "complete") if action in command["actions"]}


class Commanding(Story):
    async def test_everybody_is_offered_what_they_may_run(self):
        room, ann, bob = await self.room_with("ann", "bob")
        admin = await self.person("admin")
        of_operators = {"urn:lyceum:0#room-list", "urn:lyceum:0#addin-new"}
        offered = await admin.finds_commands(ROOMS_DOMAIN)
        self.assertLessEqual(of_operators, set(offered))
        self.assertEqual("List the rooms", offered["urn:lyceum:0#room-list"])
        for person in (ann, bob):
            offered = await person.finds_commands(ROOMS_DOMAIN)
            self.assertFalse(of_operators & set(offered))
        show = "urn:lyceum:0#room-show"
        self.assertIn(show, await ann.finds_commands(room))
        self.assertNotIn(show, await bob.finds_commands(room))
        identities, features, _ = await ann.asks_for_information(room, show)
        self.assertIn(("automation", "command-node", "Show one room"), identities)
        self.assertLessEqual({"http://jabber.org/protocol/commands", "jabber:x:data"}, features)

    async def test_whoever_may_not_run_a_command_is_refused(self):
        room, _, bob = await self.room_with("ann", "bob")
        await bob.is_refused("forbidden", bob.gives_command(ROOMS_DOMAIN, "room-list"))
        await bob.is_refused("forbidden", bob.gives_command(room, "room-show"))
        await bob.is_refused("item-not-found", bob.gives_command(ROOMS_DOMAIN, "room-fly"))

    async def test_a_list_is_a_table(self):
        room, _ = await self.room_with("ann")
        admin = await self.person("admin")
        asked = await admin.gives_command(ROOMS_DOMAIN, "room-list")
        told = await admin.gives_command(
            ROOMS_DOMAIN, "room-list", {"manager": self.address("ann")}, session=asked["sessionid"]
        )
        self.assertEqual("completed", told["status"])
        (row,) = [row for row in rows(told) if row["room"] == room]
        self.assertEqual("1", row["occupants"])

    async def test_a_manager_looks_at_their_room(self):
        room, ann = await self.room_with("ann")
        # On the room's own address there is nothing to be asked.
        told = await ann.gives_command(room, "room-show")
        self.assertEqual("completed", told["status"])
        self.assertEqual(room, form(told)["room"])
        asked = await ann.gives_command(ROOMS_DOMAIN, "room-show")
        self.assertEqual(("executing", {"complete"}), (asked["status"], actions(asked)))
        told = await ann.gives_command(
            ROOMS_DOMAIN, "room-show", {"room": room}, session=asked["sessionid"]
        )
        self.assertEqual(room, form(told)["room"])

    async def test_what_is_stored_is_shown_before_it_is_changed(self):
        room, _ = await self.room_with("ann")
        admin = await self.person("admin")

        async def step(fields=None, action="execute", session=None):
            return await admin.gives_command(ROOMS_DOMAIN, "room-keep", fields, action, session)

        asked = await step()
        self.assertEqual({"next"}, actions(asked))
        session = asked["sessionid"]
        asked = await step({"room": "nowhere"}, "next", session)
        self.assertEqual(("error", f"There is no room nowhere@{ROOMS_DOMAIN}"), note(asked))
        asked = await step({"room": room}, "next", session)
        self.assertEqual({"prev", "next"}, actions(asked))
        self.assertEqual("default", form(asked)["days"])
        asked = await step(None, "prev", session)
        self.assertEqual(room, form(asked)["room"])
        asked = await step({"room": room}, "next", session)
        told = await step(form(asked) | {"days": "30"}, "next", session)
        self.assertEqual("completed", told["status"])
        self.assertIn("keeps all for 30 days", note(told)[1])
        await admin.is_refused("not-allowed", step(None, "prev", session))

    async def test_what_is_destroyed_is_asked_first(self):
        room, ann = await self.room_with("ann")
        admin = await self.person("admin")
        for text in ("Listen", "and forget"):
            ann.says(room, text)
            await ann.hears_message(room, "ann", text)

        async def step(fields=None, action="execute", session=None):
            return await admin.gives_command(room, "room-clear", fields, action, session)

        async def archived():
            results, _ = await ann.asks_archive(room)
            return len(results)

        asked = await step()
        asked = await step({"before": "2100-01-01"}, "next", asked["sessionid"])
        question = f"Remove 2 messages of {room}? This can't be undone."
        self.assertEqual(("warn", question), note(asked))
        self.assertEqual({"prev", "complete"}, actions(asked))
        canceled = await step(None, "cancel", asked["sessionid"])
        self.assertEqual("canceled", canceled["status"])
        self.assertEqual(2, await archived())

        asked = await step()
        asked = await step({"before": "2100-01-01"}, "next", asked["sessionid"])
        told = await step(None, "complete", asked["sessionid"])
        self.assertEqual(("info", f"Removed 2 messages of {room}"), note(told))
        self.assertEqual(0, await archived())

    async def test_a_session_is_nobody_elses(self):
        admin = await self.person("admin")
        phone = await self.person("admin")
        asked = await admin.gives_command(ROOMS_DOMAIN, "room-show")
        session = asked["sessionid"]
        await phone.is_refused(
            "bad-request", phone.gives_command(ROOMS_DOMAIN, "room-show", {}, session=session)
        )

    async def test_an_add_in_is_registered_and_removed(self):
        admin = await self.person("admin")

        async def gives(name, fields):
            asked = await admin.gives_command(ROOMS_DOMAIN, name)
            session = asked["sessionid"]
            action = "next" if "next" in asked["actions"] else "complete"
            return await admin.gives_command(ROOMS_DOMAIN, name, fields, action, session)

        refused = gives("addin-new", {"name": "bad", "url": "ftp://apps.example.org/"})
        self.assertEqual("error", note(await refused)[0])
        url = "https://apps.example.org/ticker"
        await gives("addin-new", {"name": "ticker", "url": url})
        told = await admin.gives_command(ROOMS_DOMAIN, "addin-list")
        self.assertIn(("ticker", url), [(row["name"], row["url"]) for row in rows(told)])
        await gives("addin-remove", {"addin": "ticker"})
        told = await admin.gives_command(ROOMS_DOMAIN, "addin-list")
        self.assertNotIn("ticker", str(told))


if __name__ == "__main__":
    unittest.main()
