// Serves a page with Converse.js, and the files of its package, on a free port of 127.0.0.1.

import { createReadStream } from 'node:fs';
import { stat } from 'node:fs/promises';
import { createServer } from 'node:http';
import { dirname, extname, join, normalize, sep } from 'node:path';
import { fileURLToPath } from 'node:url';

const CONVERSE = join(dirname(fileURLToPath(import.meta.url)), 'node_modules', 'converse.js', 'dist');

const TYPES = {
    '.css': 'text/css',
    '.js': 'text/javascript',
    '.json': 'application/json',
    '.svg': 'image/svg+xml',
    '.wasm': 'application/wasm',
    '.woff2': 'font/woff2',
};

/** A page that signs an account in and shows Converse.js over the whole window. */
function page({ account, password, websocket, rooms }) {
    const settings = {
        allow_url_history_api: false,
        assets_path: '/dist/',
        authentication: 'login',
        auto_login: true,
        clear_cache_on_logout: true,
        discover_connection_methods: false,
        i18n: 'en',
        jid: account,
        muc_domain: rooms,
        password,
        persistent_store: 'sessionStorage',
        play_sounds: false,
        show_desktop_notifications: false,
        view_mode: 'fullscreen',
        websocket_url: websocket,
    };
    return `<!DOCTYPE html>
<html lang="en"><head><meta charset="utf-8"><title>Converse.js</title>
<link rel="icon" href="data:,">
<link rel="stylesheet" href="/dist/converse.min.css"></head>
<body><script type="module">
import '/dist/converse.min.js';
converse.plugins.add('story', {
    initialize() {
        window.api = this._converse.api;
        window.env = converse.env;
        this._converse.api.listen.on('connected', () => { window.connected = true; });
    },
});
converse.initialize({ ...${JSON.stringify(settings)}, whitelisted_plugins: ['story'] });
</script></body></html>`;
}

/**
 * Starts the server.
 *
 * @param {object} settings the websocket's address and the rooms' domain
 * @returns {Promise<{url: (account: string, password: string) => string, close: () => void}>}
 */
export async function serve({ websocket, rooms }) {
    const server = createServer(async (request, response) => {
        const url = new URL(request.url, 'http://127.0.0.1');
        if (url.pathname === '/') {
            response.setHeader('Content-Type', 'text/html; charset=utf-8');
            const account = url.searchParams.get('account');
            const password = url.searchParams.get('password');
            response.end(page({ account, password, websocket, rooms }));
            return;
        }
        const file = normalize(join(CONVERSE, url.pathname.replace(/^\/dist\//, '')));
        const known = file.startsWith(CONVERSE + sep) && (await stat(file).catch(() => null))?.isFile();
        if (!known) {
            response.statusCode = 404;
            response.end();
            return;
        }
        response.setHeader('Content-Type', TYPES[extname(file)] ?? 'application/octet-stream');
        createReadStream(file).pipe(response);
    });
    await new Promise((listening) => server.listen(0, '127.0.0.1', listening));
    const { port } = server.address();
    return {
        url: (account, password) => `http://127.0.0.1:${port}/?${new URLSearchParams({ account, password })}`,
        close: () => {
            server.close();
            server.closeAllConnections();
        },
    };
}
