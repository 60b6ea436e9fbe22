// What an owner does to a room with the dialogue of Converse.js. XEP-0045 §10 (#owner).

import assert from 'node:assert/strict';
import { after, afterEach, before, test } from 'node:test';

import { serve } from './pages.mjs';
import { Person, startBrowser } from './person.mjs';

let browser;
let pages;
let people = [];

before(async () => {
    pages = await serve({ websocket: process.env.WEBSOCKET_URL, rooms: process.env.ROOMS_DOMAIN });
    browser = await startBrowser();
});

after(async () => {
    await browser?.close();
    pages?.close();
});

afterEach(async () => {
    for (const person of people) await person.context.close();
    people = [];
});

async function signIn(name) {
    const person = await Person.signIn(browser, pages, name);
    people.push(person);
    return person;
}

const room = (name) => `${name}@${process.env.ROOMS_DOMAIN}`;

test('an owner saves the configuration form, and others see what it says', async () => {
    const harbour = room('harbour');
    const ann = await signIn('ann');
    await ann.enter(harbour, 'Ann');

    await ann.configure({ 'muc#roomconfig_roomname': 'Harbour', 'muc#roomconfig_moderatedroom': true });
    await ann.picture('the form is saved');
    assert.deepEqual(await ann.refusals(harbour), [], 'the form is taken');

    const bob = await signIn('bob');
    await bob.enter(harbour, 'Bob');
    const { name, features } = await bob.discovers(harbour);
    assert.equal(name, 'Harbour');
    assert.ok(features.includes('muc_moderated'), `moderated, not ${features}`);

    // The form shows the next time what was saved, so that saving it again changes nothing.
    await ann.configure({});
    assert.deepEqual(await ann.refusals(harbour), [], 'the form is taken again');
    assert.equal((await bob.discovers(harbour)).name, 'Harbour');
    ann.hasNoErrors();
    bob.hasNoErrors();
});

test('two people talk in a room that one of them has made', async () => {
    const pier = room('pier');
    const ann = await signIn('ann');
    await ann.enter(pier, 'Ann');
    const bob = await signIn('bob');
    await bob.enter(pier, 'Bob');

    await bob.say('Is anybody here?');
    await ann.reads('Is anybody here?');
    await ann.say('I am.');
    await bob.reads('I am.');
    await ann.picture('two people talk');
    assert.deepEqual(await ann.refusals(pier), []);
    assert.deepEqual(await bob.refusals(pier), []);
    ann.hasNoErrors();
    bob.hasNoErrors();
});

// Converse.js asks rooms to register its nick by itself. XEP-0045 §7.10 (#register).
test('a visitor troubles no owner with requests that they know nothing of', async () => {
    const quay = room('quay');
    const ann = await signIn('ann');
    await ann.enter(quay, 'Ann');
    const bob = await signIn('bob');
    await bob.enter(quay, 'Bob');
    await bob.say('Just looking.');
    await ann.reads('Just looking.');

    const forms = ann.frames.filter(({ mark, text }) => mark === '<' && text.includes('muc#register'));
    assert.deepEqual(forms, [], 'no request reaches the owner');
    ann.hasNoErrors();
    bob.hasNoErrors();
});
