"""Lyceum and the server go away and come back. DESIGN: a restart is not noticed."""

import os
import subprocess
import unittest

from person import codes
from story import Story


class Process:
    """What the runner has started, ended and started again. See docker/servers/instance.sh."""

    def __init__(self, script, directory):
        self.script = script
        self.directory = directory
        self.life_line = None

    async def ends(self, how):
        subprocess.run([self.script, how, self.directory], check=True)

    async def starts(self):
        # The pipe to it is closed when this program ends, and then it ends, too.
        self.life_line = subprocess.Popen(
            [self.script, "run", self.directory], stdin=subprocess.PIPE
        )
        subprocess.run(
            [self.script, "ready", self.directory], check=True, stdout=subprocess.DEVNULL
        )


LYCEUM = Process(os.environ.get("LYCEUM_SCRIPT"), os.environ.get("LYCEUM_DIR"))
SERVER = Process(os.environ.get("SERVER_SCRIPT"), os.environ.get("SERVER_DIR"))


@unittest.skipUnless(LYCEUM.directory, "only for Lyceum's own rooms")
class Restarting(Story):
    async def test_a_crash_of_the_service_is_not_noticed(self):
        room, ann, bob = await self.room_with("ann", "bob")
        ann.muc.set_subject(room, "Harvest")
        ann.says(room, "Before")
        for person in (ann, bob):
            await person.hears_message(room, "ann", "Before")
            person.forgets()
        await LYCEUM.ends("kill")
        await LYCEUM.starts()
        await ann.asks_for_information(room)
        for person in (ann, bob):
            await person.hears_nothing("the crash", lambda s: s["from"].bare == room)
        bob.says(room, "After")
        for person in (ann, bob):
            await person.hears_message(room, "bob", "After")
        cy = await self.person("cy")
        _, subject, others, history = await cy.enters(room)
        self.assertEqual({"ann", "bob"}, {presence["from"].resource for presence in others})
        self.assertEqual(["Before", "After"], [message["body"] for message in history])
        self.assertEqual("Harvest", subject["subject"])

    async def test_a_stop_and_a_start_of_the_service_are_not_noticed(self):
        room, ann, bob = await self.room_with("ann", "bob")
        await LYCEUM.ends("stop")
        await LYCEUM.starts()
        ann.says(room, "Still here")
        for person in (ann, bob):
            await person.hears_message(room, "ann", "Still here")
            self.assertFalse([s for s in person._heard if s.name == "presence"])

    async def test_sessions_that_a_crash_of_the_server_took_leave_their_rooms(self):
        room, ann, bob = await self.room_with("ann", "bob")
        await SERVER.ends("kill")
        await SERVER.starts()
        again = await self.person("ann")
        own, _, others, _ = await again.enters_when_it_is_there(room)
        self.assertNotIn(201, codes(own))
        if "bob" in {presence["from"].resource for presence in others}:
            await again.hears_that_nick_left(room, "bob")
        again.says(room, "Alone")
        await again.hears_message(room, "ann", "Alone")


if __name__ == "__main__":
    unittest.main()
