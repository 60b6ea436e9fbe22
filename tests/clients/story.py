"""What all stories share: the service they are told on, the people in them and a fresh room each."""

import asyncio
import itertools
import logging
import os
import unittest
import uuid

from person import Person

SERVER = os.environ.get("SERVER", "the server")
USERS_DOMAIN = os.environ["USERS_DOMAIN"]
ROOMS_DOMAIN = os.environ["ROOMS_DOMAIN"]
C2S_PORT = int(os.environ["C2S_PORT"])


# What goes wrong is told by the stories; slixmpp also complains of connections that one of them cut.
logging.getLogger("slixmpp").setLevel(logging.CRITICAL)


class Story(unittest.IsolatedAsyncioTestCase):
    """One story. People in it are logged out at its end, whatever happened."""

    _rooms = itertools.count(1)

    async def asyncSetUp(self):
        # unittest's debug mode reports every slow step of the loop, and a busy machine has many.
        asyncio.get_running_loop().set_debug(False)

    def fresh_room(self):
        """An address that no room has had."""
        return f"room{next(self._rooms)}-{uuid.uuid4().hex[:8]}@{ROOMS_DOMAIN}"

    def address(self, name):
        return f"{name}@{USERS_DOMAIN}"

    async def person(self, name):
        """Logs somebody in; the same name again is the same person's second device."""
        person = Person(name, f"pw-{name}", USERS_DOMAIN, C2S_PORT)
        self.addAsyncCleanup(person.log_out)
        return await person.log_in()

    async def people(self, *names):
        return await asyncio.gather(*(self.person(name) for name in names))

    async def room_with(self, *names, settings=None):
        """A fresh room that the first of the people has created and all of them are in.

        Returns the room's address and the people, who have already forgotten how they came in.
        """
        room = self.fresh_room()
        people = await self.people(*names)
        await people[0].creates(room)
        if settings:
            await people[0].configures(room, settings)
        for newcomer in people[1:]:
            await newcomer.enters(room)
        for person in people:
            for name in names:
                if person.name != name:
                    await person.hears_presence(room, name)
            person.forgets()
        return room, *people

    def shortDescription(self):
        return None

    def __str__(self):
        return f"{self._testMethodName.removeprefix('test_').replace('_', ' ')} ({SERVER})"
