import assert from 'node:assert/strict';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { request, type RequestOptions } from 'node:https';
import type { IncomingHttpHeaders } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { buffer } from 'node:stream/consumers';
import { PASSWORD } from '../support/portal.js';
import { startNginx } from './nginx.js';
import { servePortal, type ServedPortal } from './portal.js';
import { describeUnless, exampleWith, missing, run, type Running } from './programs.js';

const TOKEN = 'metrics-token-for-tests';
const SOMEWHERE_ELSE = '203.0.113.77';
const PREVIEW = '/admin/users/import/preview';

interface Answer {
  status: number;
  headers: IncomingHttpHeaders;
  text: string;
}

describeUnless(missing('nginx', 'openssl'))(
  'The portal behind nginx, set up by docs/examples/portal-nginx.conf',
  () => {
    let folder: string;
    let portal: ServedPortal;
    let nginx: Running;
    let certificate: Buffer;
    const cookies = new Map<string, string>();

    before(async () => {
      folder = mkdtempSync(join(tmpdir(), 'gatehouse-nginx-'));
      portal = await servePortal('https', { TRUST_PROXY: 'loopback', METRICS_TOKEN: TOKEN });
      const [pem, key] = [join(folder, 'portal.pem'), join(folder, 'portal.key')];
      const named = ['-subj', '/CN=localhost', '-addext', 'subjectAltName=DNS:localhost'];
      const made = ['-x509', '-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-256', '-nodes', '-days', '2', ...named];
      const { status, stderr } = run('openssl', ['req', ...made, '-keyout', key, '-out', pem]);
      assert.equal(status, 0, stderr);
      certificate = readFileSync(pem);
      const site = exampleWith('portal-nginx.conf', {
        '127.0.0.1:3000': `127.0.0.1:${portal.port}`,
        'listen 443 ssl;': `listen 127.0.0.1:${portal.proxyPort} ssl;`,
        'server_name portal.example;': 'server_name localhost;',
        '/etc/ssl/portal.example.pem': pem,
        '/etc/ssl/portal.example.key': key,
      });
      nginx = await startNginx(folder, site, portal.proxyPort);
      await signIn();
    });
    after(async () => {
      await nginx?.stop();
      await portal?.close();
      rmSync(folder, { recursive: true, force: true });
    });

    /** Asks as a browser does, by way of nginx. */
    async function ask(path: string, options: RequestOptions = {}, body: string | Buffer = ''): Promise<Answer> {
      const cookie = [...cookies].map(([name, value]) => `${name}=${value}`).join('; ');
      const headers = { Cookie: cookie, 'Sec-Fetch-Site': 'same-origin', ...options.headers };
      const answer = await new Promise<Answer>((done, failed) => {
        const sent = request(portal.address + path, { ca: certificate, agent: false, ...options, headers }, (found) => {
          void buffer(found).then(
            (text) => done({ status: found.statusCode ?? 0, headers: found.headers, text: text.toString() }),
            failed,
          );
        });
        sent.once('error', failed).end(body);
      });
      for (const line of answer.headers['set-cookie'] ?? []) {
        const [, name = '', value = ''] = /^([^=]+)=([^;]*)/.exec(line) ?? [];
        cookies.set(name, value);
      }
      return answer;
    }
    const csrfOf = ({ text }: Answer): string => /name="_csrf" value="([^"]+)"/.exec(text)?.[1] ?? '';
    async function submit(path: string, fields: Record<string, string>, more = {}): Promise<Answer> {
      const body = new URLSearchParams({ ...fields, _csrf: csrfOf(await ask(path)) }).toString();
      const headers = { 'Content-Type': 'application/x-www-form-urlencoded', ...more };
      return ask(path, { method: 'POST', headers }, body);
    }
    /** Olivia at a browser that nobody has used. */
    async function signIn(more = {}): Promise<void> {
      cookies.clear();
      const typed = { organization: 'acme', username: 'olivia', password: PASSWORD };
      const { status, text } = await submit('/login', typed, more);
      assert.equal(status, 303, text);
    }
    /** Sends a file of so many bytes to be imported. */
    async function sendFile(bytes: number): Promise<Answer> {
      const csrf = csrfOf(await ask('/admin/users/import'));
      const line = 'username,name,email\n';
      const part = (head: string, content: string): string =>
        `--border\r\nContent-Disposition: form-data; ${head}\r\n\r\n${content}\r\n`;
      const file = line.repeat(Math.floor(bytes / line.length));
      const body = `${part('name="_csrf"', csrf)}${part('name="file"; filename="people.csv"', file)}--border--\r\n`;
      const headers = { 'Content-Type': 'multipart/form-data; boundary=border', 'Content-Length': body.length };
      return ask(PREVIEW, { method: 'POST', headers }, body);
    }

    it('serves people by https, with cookies for this one host', async () => {
      assert.ok([...cookies.keys()].some((name) => name.startsWith('__Host-')));
      const { status, headers } = await ask('/security');
      assert.equal(status, 200);
      assert.match(String(headers['strict-transport-security']), /max-age=/);
      const plain = await fetch(`http://localhost:${portal.proxyPort}/login`);
      assert.equal(plain.status, 400, 'Nothing is served without it.');
    });

    it('takes nobody’s word for where they come from', async () => {
      await signIn({
        'X-Forwarded-For': SOMEWHERE_ELSE,
        'X-Real-IP': SOMEWHERE_ELSE,
        Forwarded: `for=${SOMEWHERE_ELSE}`,
      });
      const { text } = await ask('/admin/security-log');
      assert.ok(text.includes('127.0.0.1') && !text.includes(SOMEWHERE_ELSE));
    });

    it('keeps the figures for the machine itself: outside there is no such page, whatever is sent', async () => {
      const headers = { Authorization: `Bearer ${TOKEN}` };
      assert.equal((await ask('/metrics', { headers })).status, 404);
      for (const path of ['/metrics/', '//metrics', '/%6detrics', '/x/../metrics', '/METRICS'])
        assert.doesNotMatch((await ask(path, { headers })).text, /gatehouse_http_requests_total/, path);
      const inside = await fetch(`${portal.server.url}/metrics`, { headers });
      assert.match(await inside.text(), /gatehouse_http_requests_total/);
    });

    it('lets a file of five megabytes through, and none that is larger than a form may be', async () => {
      const answer = await sendFile(4.9e6);
      assert.ok([303, 422].includes(answer.status), `${answer.status} ${answer.text.slice(0, 500)}`);
      assert.equal((await sendFile(7e6)).status, 413);
    });

    it('does not compress what has a secret in it, also where nginx compresses everything else', async () => {
      const headers = { 'Accept-Encoding': 'gzip' };
      const { status, text, headers: told } = await submit('/security/api-key', {}, headers);
      assert.equal(status, 200);
      assert.match(text, /data-secret="api-key"/);
      assert.equal(told['content-encoding'], undefined);
      assert.equal((await ask('/security', { headers })).headers['content-encoding'], 'gzip', 'Gatehouse itself does.');
    });

    it('hands an export on as it is made, whole', async () => {
      const { status, text } = await ask('/admin/security-log/export.jsonl');
      assert.equal(status, 200);
      const rows = text.trimEnd().split('\n');
      assert.ok(rows.length > 1000, String(rows.length));
      const [{ acme }] = [{ acme: await portal.here.done('log', 'verify', 'acme') }];
      assert.ok(Number(/intact, (\d+) rows/.exec(acme)?.[1]) >= rows.length);
      for (const row of rows) assert.doesNotThrow(() => JSON.parse(row) as unknown);
    });
  },
);
