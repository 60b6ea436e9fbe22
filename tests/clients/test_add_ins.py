"""The life of an add-in: registered, chosen, shown, changed, and taken away again."""

import asyncio
import os
import unittest

from person import codes, is_message
from story import Story

FIELD = "{urn:lyceum:0}addin"
PROGRAM = os.environ.get("LYCEUM")
DIRECTORY = os.environ.get("LYCEUM_DIR")


async def operator(*words):
    """Types a command, and gives whether it went well and what was told."""
    process = await asyncio.create_subprocess_exec(
        PROGRAM, *words, "--config", f"{DIRECTORY}/lyceum.toml",
        stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.STDOUT,
    )
    told, _ = await process.communicate()
    return process.returncode == 0, told.decode()


@unittest.skipUnless(DIRECTORY, "only for Lyceum's own rooms")
class AddIns(Story):
    async def runs(self, *words):
        went_well, told = await operator(*words)
        self.assertTrue(went_well, told)

    async def fails(self, expected, *words):
        went_well, told = await operator(*words)
        self.assertFalse(went_well, told)
        self.assertIn(expected, told)

    async def all_are_told(self, room, *people):
        for person in people:
            await person.hears(
                "that the add-in is another",
                lambda s: is_message(s, room, None) and 104 in codes(s),
            )
            person.forgets()

    async def shows(self, person, room, name, url):
        _, _, fields = await person.asks_for_information(room)
        self.assertEqual(name, fields.get("{urn:lyceum:0}addin-name"))
        self.assertEqual(url, fields.get("{urn:lyceum:0}addin-url"))

    async def test_the_whole_life_of_an_add_in(self):
        name = f"Ticker {os.urandom(4).hex()}"
        first, second = "https://apps.example.org/ticker?a=1&b=2", "http://127.0.0.1:8080/"
        room, ann, bob = await self.room_with("ann", "bob")
        for person in (ann, bob):
            person.forgets()
        await self.fails("http", "addin", "new", name, "--url", "ftp://apps.example.org/")
        await self.runs("addin", "new", name, "--url", first)
        await self.fails("already", "addin", "new", name.upper(), "--url", first)
        await ann.is_refused(
            "not-acceptable bad-request", ann.configures(room, {FIELD: "nothing of that name"})
        )
        await ann.configures(room, {FIELD: name})
        await self.all_are_told(room, ann, bob)
        await self.shows(bob, room, name, first)
        await self.runs("addin", "set", name, "--url", second)
        await self.all_are_told(room, ann, bob)
        await self.shows(bob, room, name, second)
        await self.runs("addin", "set", name, "--name", name + " II")
        await self.all_are_told(room, ann, bob)
        await self.shows(bob, room, name + " II", second)
        self.assertEqual(name + " II", (await ann.reads_configuration(room))[FIELD])
        await self.fails(str(room), "addin", "remove", name + " II")
        await self.runs("addin", "remove", name + " II", "--force")
        await self.all_are_told(room, ann, bob)
        await self.shows(bob, room, None, None)
        self.assertEqual("none", (await ann.reads_configuration(room))[FIELD])
