import assert from 'node:assert/strict';
import { once } from 'node:events';
import { createServer } from 'node:http';
import { connect, type AddressInfo } from 'node:net';
import { buffer } from 'node:stream/consumers';
import { PASSWORD, startPortal, type Portal } from '../support/portal.js';

describe('The name by which the portal is called', () => {
  let portal: Portal;
  before(async () => {
    portal = await startPortal({
      env: { BASE_URL: 'https://portal.example', BASE_DOMAIN: 'portal.example', TRUST_PROXY: '1' },
    });
  });
  after(() => portal.close());

  it('Only our own names are answered', async () => {
    for (const host of [
      'portal.example',
      'PORTAL.example',
      'portal.example:443',
      'acme.portal.example',
      'acme.portal.example:443',
    ]) {
      assert.equal((await portal.browser().get('/login', { Host: host })).status, 200, host);
    }
    const others = [
      'evil.example',
      'portal.example.evil.example',
      'evilportal.example',
      'portal.example:8443',
      'portal.example.',
      'a.b.portal.example',
      '.portal.example',
      'x@portal.example',
      'localhost',
      '127.0.0.1',
      '',
    ];
    for (const host of others) {
      const answer = await portal.browser().get('/login', { Host: host });
      assert.equal(answer.status, 421, host);
      assert.deepEqual(answer.headers['set-cookie'], undefined, host);
    }
  });

  it('Two names in one request are refused, whatever they are', async () => {
    const server = createServer(portal.app).listen(0, '127.0.0.1');
    await once(server, 'listening');
    const { port } = server.address() as AddressInfo;
    try {
      for (const [first, second] of [
        ['portal.example', 'portal.example'],
        ['portal.example', 'evil.example'],
        ['evil.example', 'portal.example'],
      ])
        for (const path of ['/login', '/api/v1/me']) {
          const socket = connect(port, '127.0.0.1').end(
            `GET ${path} HTTP/1.1\r\nHost: ${first}\r\nhOST: ${second}\r\nConnection: close\r\n\r\n`,
          );
          assert.match((await buffer(socket)).toString(), /^HTTP\/1\.1 400 /, `${path}: ${first}, ${second}`);
        }
    } finally {
      server.close();
    }
  });

  it('X-Forwarded-Host changes nothing, though the proxy is trusted', async () => {
    const browser = portal.browser();
    assert.equal(
      (await browser.get('/login', { Host: 'evil.example', 'X-Forwarded-Host': 'portal.example' })).status,
      421,
    );
    const page = await browser.get('/login', { 'X-Forwarded-Host': 'globex.portal.example' });
    assert.equal(page.document.querySelector('[name=organization]')?.getAttribute('type'), 'text');
  });

  it('An organisation’s own subdomain fixes the organisation, in whatever case it is typed', async () => {
    for (const host of ['acme.portal.example', 'ACME.portal.example']) {
      const page = await portal.browser().get('/login', { Host: host });
      assert.equal(page.heading, 'Sign in to Acme');
      assert.equal(page.document.querySelector('[name=organization]')?.getAttribute('type'), 'hidden');
    }
  });

  it('There, nobody signs in to another organisation, whatever the form says', async () => {
    const browser = portal.browser();
    browser.headers['Host'] = 'acme.portal.example';
    const origin = { Origin: 'https://acme.portal.example' };
    const page = await browser.get('/login');
    const fields = { ...page.form('/login'), organization: 'globex', username: 'gina', password: PASSWORD };
    assert.equal((await browser.post('/login', fields, origin)).status, 422);
    assert.equal((await browser.post('/login', { ...fields, username: 'uma' }, origin)).status, 303);
    assert.match((await browser.get('/security')).text, /Password for login/);
  });

  it('An unknown subdomain gives the same form, and lets nobody in', async () => {
    const browser = portal.browser();
    browser.headers['Host'] = 'nowhere.portal.example';
    const page = await browser.get('/login');
    assert.equal(page.status, 200);
    const fields = { ...page.form('/login'), organization: 'acme', username: 'uma', password: PASSWORD };
    assert.equal((await browser.post('/login', fields)).status, 422);
  });

  it('A form of one organisation’s subdomain cannot be sent to another’s by an old browser', async () => {
    const browser = portal.browser();
    browser.headers['Host'] = 'acme.portal.example';
    const fields = (await browser.get('/login')).form('/login');
    const send = (origin: string) => browser.post('/login', fields, { Origin: origin, 'Sec-Fetch-Site': null });
    for (const origin of [
      'https://globex.portal.example',
      'http://acme.portal.example',
      'https://acme.portal.example:8443',
      'https://acme.portal.example.evil.example',
    ]) {
      assert.equal((await send(origin)).status, 403, origin);
    }
    assert.equal((await send('https://acme.portal.example')).status, 422);
  });

  it('Links in mails and redirects never carry the name that somebody sent', async () => {
    const answer = await portal
      .browser()
      .get('/security', { Host: 'acme.portal.example', 'X-Forwarded-Proto': 'http', Forwarded: 'host=evil.example' });
    assert.equal(answer.location, '/login?next=%2Fsecurity');
  });
});

describe('On this machine', () => {
  it('all names of this very machine will do, and no other', async () => {
    const portal = await startPortal({ demo: false });
    for (const host of ['localhost:3000', 'localhost', '127.0.0.1:4100', '[::1]:3000'])
      assert.equal((await portal.browser().get('/login', { Host: host })).status, 200, host);
    for (const host of ['localhost.evil.example', '127.0.0.1.evil.example', '192.168.1.2', 'portal.example'])
      assert.equal((await portal.browser().get('/login', { Host: host })).status, 421, host);
    await portal.close();
  });
});
