// One person at one browser, signed in with Converse.js.

import assert from 'node:assert/strict';
import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';

import { chromium } from 'playwright-core';

const FLAGS = [
    '--no-sandbox',
    '--disable-gpu',
    '--disable-quic',
    '--no-first-run',
    '--disable-background-networking',
    '--disable-component-update',
    '--disable-sync',
];

/** How long a step may take before it counts as failed, in milliseconds. */
const STEP_MAX_MS = 30_000;

/** Starts the browser that all people of a file of stories share; each has a context of their own in it. */
export function startBrowser() {
    return chromium.launch({ executablePath: process.env.CHROMIUM, headless: true, args: FLAGS });
}

export class Person {
    /** What the page's console said that is an error. */
    errors = [];
    /** Every stanza to and from the server, oldest first. */
    frames = [];

    constructor(name, context, page) {
        this.name = name;
        this.context = context;
        this.page = page;
    }

    /** Signs somebody in, and waits until Converse.js says so. */
    static async signIn(browser, pages, name) {
        const context = await browser.newContext({ viewport: { width: 1200, height: 900 }, locale: 'en' });
        const page = await context.newPage();
        page.setDefaultTimeout(STEP_MAX_MS);
        const person = new Person(name, context, page);
        page.on('pageerror', (error) => person.errors.push(String(error)));
        page.on('websocket', (socket) => {
            const note = (mark) => ({ payload }) => {
                person.frames.push({ mark, text: String(payload) });
                if (process.env.FRAMES) console.log(name, mark, String(payload));
            };
            socket.on('framesent', note('>'));
            socket.on('framereceived', note('<'));
        });
        await page.goto(pages.url(`${name}@${process.env.USERS_DOMAIN}`, `pw-${name}`));
        await page.waitForFunction(() => window.connected === true);
        return person;
    }

    /** Opens a room as the dialogue of Converse.js does, and waits until they are inside. */
    async enter(room, nick) {
        await this.page.evaluate(([jid, nick]) => window.api.rooms.open(jid, { nick }, true), [room, nick]);
        await this.page.waitForFunction(
            async (jid) => (await window.api.rooms.get(jid))?.session?.get('connection_status') === 5,
            room,
        );
    }

    /** Says something in the room on the screen, by typing it. */
    async say(text) {
        const box = this.page.locator('converse-muc textarea.chat-textarea');
        await box.fill(text);
        await box.press('Enter');
    }

    /** Waits until a message with this text is on the screen. */
    async reads(text) {
        await this.page.locator('converse-chat-message', { hasText: text }).first().waitFor();
    }

    /**
     * Opens the dialogue that configures the room on the screen, changes some of its fields, and saves it.
     *
     * @param {Record<string, string | boolean>} changes values by the name of the field
     */
    async configure(changes) {
        const { page } = this;
        const heading = page.locator('converse-muc-heading');
        await heading.locator('.dropdown-toggle').first().click();
        await heading.locator('.configure-chatroom-button').first().click();
        const form = page.locator('#converse-muc-config-modal form');
        await form.locator('[name="muc#roomconfig_roomname"]').waitFor();
        for (const [name, value] of Object.entries(changes)) {
            const field = form.locator(`[name="${name}"]`);
            if (typeof value === 'boolean') await field.setChecked(value);
            else await field.fill(value);
        }
        await this.picture('the form is filled in');
        const saved = this.frames.length;
        await form.locator('input[type=submit]').click();
        await this.answered(saved, 'muc#owner');
    }

    /** Waits until the first request with a namespace that was sent after `since` has its answer. */
    async answered(since, namespace) {
        const until = Date.now() + STEP_MAX_MS;
        while (Date.now() < until) {
            const recent = this.frames.slice(since);
            const asked = recent.find(({ mark, text }) => mark === '>' && text.includes(namespace));
            const id = asked && /\bid=["']([^"']+)["']/.exec(asked.text)[1];
            const answer = id && recent.find(({ mark, text }) => mark === '<' && text.includes(id));
            if (answer) return answer.text;
            await new Promise((later) => setTimeout(later, 50));
        }
        throw new Error(`${this.name} got no answer to ${namespace}`);
    }

    /** What `disco#info` says of a room. XEP-0030 §3 (#info). */
    discovers(room) {
        return this.page.evaluate(async (jid) => {
            const { $iq } = window.env;
            const ask = $iq({ type: 'get', to: jid }).c('query', { xmlns: 'http://jabber.org/protocol/disco#info' });
            const answer = await window.api.sendIQ(ask);
            const all = (name, attribute) =>
                [...answer.querySelectorAll(`query > ${name}`)].map((element) => element.getAttribute(attribute));
            return { name: all('identity', 'name')[0], features: all('feature', 'var') };
        }, room);
    }

    /**
     * What a room refused, questions apart: Converse.js asks a room for information before it is there.
     */
    refusals(room) {
        const from = new RegExp(`from=["']${room.replaceAll('.', '\\.')}`);
        const isQuestion = (id) =>
            id && this.frames.some(({ mark, text }) => mark === '>' && text.includes(id) && /type=["']get["']/.test(text));
        return this.frames
            .filter(({ mark, text }) => mark === '<' && /type=["']error["']/.test(text) && from.test(text))
            .map(({ text }) => text)
            .filter((text) => !isQuestion(/\bid=["']([^"']+)["']/.exec(text)?.[1]));
    }

    /** Keeps a picture of the screen, if pictures are wanted. */
    async picture(title) {
        if (!process.env.PICTURES) return;
        await mkdir(process.env.PICTURES, { recursive: true });
        const name = `${title} on ${process.env.SERVER}.png`.replaceAll(' ', '-');
        await this.page.screenshot({ path: join(process.env.PICTURES, name) });
    }

    /** Nothing on the page went wrong. */
    hasNoErrors() {
        assert.deepEqual(this.errors, [], `errors on ${this.name}'s page`);
    }
}
