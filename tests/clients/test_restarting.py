"""Lyceum and the server go away and come back, and nobody is wrong about who is there."""

import atexit
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
        # The pipe that the process lives by. The runner holds the first; those of later starts are
        # held here, until the last story on this server has been told.
        self.life_line = None
        atexit.register(self.let_go)

    def ends(self, how):
        subprocess.run([self.script, how, self.directory], check=True)
        self.let_go()

    def starts(self):
        run = [self.script, "run", self.directory]
        self.life_line = subprocess.Popen(run, stdin=subprocess.PIPE)
        ready = [self.script, "ready", self.directory]
        subprocess.run(ready, check=True, stdout=subprocess.DEVNULL)

    def let_go(self):
        if self.life_line:
            self.life_line.stdin.close()
            self.life_line.wait()
            self.life_line = None


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
        LYCEUM.ends("kill")
        LYCEUM.starts()
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
        LYCEUM.ends("stop")
        LYCEUM.starts()
        ann.says(room, "Still here")
        for person in (ann, bob):
            await person.hears_message(room, "ann", "Still here")
            self.assertFalse([s for s in person._heard if s.name == "presence"])

    async def test_sessions_that_a_crash_of_the_server_took_leave_their_rooms(self):
        room, ann, bob = await self.room_with("ann", "bob")
        SERVER.ends("kill")
        SERVER.starts()
        again = await self.person("ann")
        await again.sees_the_service_come_back()
        own, _, others, _ = await again.enters(room)
        self.assertNotIn(201, codes(own))
        if "bob" in {presence["from"].resource for presence in others}:
            await again.hears_that_nick_left(room, "bob")
        again.says(room, "Alone")
        await again.hears_message(room, "ann", "Alone")


if __name__ == "__main__":
    unittest.main()
