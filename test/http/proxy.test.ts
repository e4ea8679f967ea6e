import assert from 'node:assert/strict';
import type { IncomingMessage } from 'node:http';
import supertest from 'supertest';
import { networksOf } from '#server/lib/address.js';
import { readAddress } from '#server/lib/address.js';
import { SPELLINGS } from '../support/addresses.js';
import { listeningPortal } from '../support/listening.js';
import { PASSWORD, startPortal, type Portal } from '../support/portal.js';

/** The addresses of the sessions of a member of the cast, newest first. */
async function addresses(portal: Portal, who: string): Promise<unknown[]> {
  const rows = await portal.database.read(
    'SELECT ip FROM sessions WHERE user_id = $1 ORDER BY created_at DESC, id DESC',
    [portal.idOf(who)],
  );
  return rows.map(({ ip }) => ip);
}

async function signInFrom(portal: Portal, forwarded: string, who = 'acme/uma'): Promise<unknown> {
  const browser = portal.browser();
  browser.headers['X-Forwarded-For'] = forwarded;
  await browser.signIn(who, PASSWORD);
  return (await addresses(portal, who))[0];
}

describe('The address that a request comes from', () => {
  it('Is that of the connection where no proxy is trusted, whatever X-Forwarded-For says', async () => {
    const portal = await startPortal();
    for (const forwarded of ['203.0.113.9', '203.0.113.9, 10.0.0.1', 'nonsense', '', ','])
      assert.equal(await signInFrom(portal, forwarded), '127.0.0.1');
    await portal.close();
  });

  it('Is the one that the trusted proxies saw, and not what the visitor put in front of it', async () => {
    const portal = await startPortal({ env: { TRUST_PROXY: '1' } });
    assert.equal(await signInFrom(portal, '198.51.100.7'), '198.51.100.7');
    assert.equal(await signInFrom(portal, '1.2.3.4, 198.51.100.7'), '198.51.100.7');
    assert.equal(await signInFrom(portal, '2001:DB8::7'), '2001:db8::7');
    // Empty places, what hides behind `unknown`, a hundred addresses, and the header of the standard, which nobody is asked to send.
    for (const long of [
      '203.0.113.9, ',
      ',203.0.113.9',
      '203.0.113.9,,',
      'unknown, 203.0.113.9',
      `${'1.2.3.4, '.repeat(100)}203.0.113.9`,
    ])
      assert.equal(await signInFrom(portal, long), '203.0.113.9', long.slice(0, 30));
    await portal.close();
    const named = await startPortal({ env: { TRUST_PROXY: 'loopback, 10.0.0.0/8' } });
    assert.equal(await signInFrom(named, '1.2.3.4, 198.51.100.7, 10.1.1.1'), '198.51.100.7');
    assert.equal(await signInFrom(named, '1.2.3.4, 198.51.100.7:40001, "[::ffff:10.1.1.1]:443"'), '198.51.100.7');
    await named.close();
  });

  it('Is understood in every spelling that gateways have, and counts apart', async () => {
    const portal = await startPortal({ env: { TRUST_PROXY: '1' } });
    for (const [forwarded, address] of SPELLINGS) assert.equal(await signInFrom(portal, forwarded), address, forwarded);
    const guesser = portal.browser();
    guesser.headers['X-Forwarded-For'] = '198.51.100.77:40001';
    for (let n = 0; n < 10; n += 1) await guesser.signIn(`acme/nobody${n}`, 'not the password').catch(() => undefined);
    await assert.rejects(guesser.signIn('acme/adam', PASSWORD), /429/);
    assert.equal(await signInFrom(portal, '203.0.113.200:50123', 'acme/adam'), '203.0.113.200');
    await portal.close();
  });

  it('Is demanded: what is none is refused, at every door, and the log says what to look at', async () => {
    const portal = await startPortal({ env: { TRUST_PROXY: '1' } });
    for (const forged of [
      '<script>alert(1)</script>',
      'x'.repeat(5000),
      "'; DROP TABLE sessions; --",
      '999.1.1.1',
      '127.0.0.1:99999999',
      '[::1',
      '1.2.3.4.5',
      'unknown',
      '_hidden',
      '',
      ' ',
      ', ,',
    ]) {
      portal.logLines.length = 0;
      const browser = portal.browser();
      browser.headers['X-Forwarded-For'] = forged;
      const page = await browser.get('/login');
      assert.equal(page.status, 400, forged.slice(0, 40));
      assert.match(page.html, /does not say which address you come from/);
      const call = await supertest(portal.app)
        .get('/api/v1/me')
        .set({ Host: 'localhost:3000', 'X-Forwarded-For': forged });
      assert.deepEqual([call.status, (call.body as { code: string }).code], [400, 'address_unknown']);
      const lines = portal.logLines.filter((line) => !line.includes('"msg":"request"'));
      assert.equal(lines.length, 2);
      for (const line of lines) assert.match(line, /X-Forwarded-For holds no address.*TRUST_PROXY/);
      assert.equal((await browser.get('/healthz')).status, 200);
    }
    assert.deepEqual(await portal.database.read('SELECT key FROM throttles', []), []);
    await portal.close();
  });

  it('Is nowhere once the connection is lost: that is a fault neither of ours nor of the proxy', async () => {
    for (const TRUST_PROXY of ['', '1', '10.0.0.0/8']) {
      // What Node says of a connection that was reset before it was asked.
      const onRequest = ({ socket }: IncomingMessage): void =>
        void Object.defineProperty(socket, 'remoteAddress', { value: undefined });
      const portal = await listeningPortal({ env: { TRUST_PROXY }, onRequest });
      for (const path of ['/login', '/api/v1/me', '/assets/nothing'])
        for (const headers of [{}, { 'X-Forwarded-For': '203.0.113.9' }])
          assert.ok((await fetch(portal.url + path, { headers })).status < 500, `${TRUST_PROXY} ${path}`);
      const told = portal.logLines.map((line) => JSON.parse(line) as { msg: string });
      assert.deepEqual(new Set(told.map(({ msg }) => msg)), new Set(['request']), TRUST_PROXY);
      await portal.close();
    }
  });

  it('Counts as one with all of its /64, as a customer has that many', () => {
    const key = networksOf('2001:db8:1:2::1')[0];
    for (const same of [
      '2001:db8:1:2::2',
      '2001:DB8:1:2:ffff:ffff:ffff:ffff',
      '2001:0db8:0001:0002:0:0:0:3',
      '2001:db8:1:2::%eth0',
    ])
      assert.equal(networksOf(same)[0], key, same);
    for (const other of ['2001:db8:1:3::1', '2001:db8:1::2', '2001:db8::1:2:0:0:1'])
      assert.notEqual(networksOf(other)[0], key, other);
    assert.equal(networksOf('::1')[0], '0:0:0:0::/64');
    assert.equal(networksOf('::ffff:203.0.113.7')[0], '203.0.113.7');
    assert.notEqual(networksOf('203.0.113.7')[0], networksOf('203.0.113.8')[0]);
    for (const none of [null, '', 'x', '203.0.113', `1.2.3.4${'5'.repeat(200)}`])
      assert.equal(networksOf(none)[0], 'unknown');
  });

  it('Is kept as people write it', () => {
    for (const [given, address] of SPELLINGS) {
      assert.equal(readAddress(given), address, given);
      assert.equal(networksOf(given)[0], networksOf(address)[0]);
    }
    for (const none of ['not one', '', '010.1.1.1', '1.2.3.4:', '[1.2.3.4', '::ffff:1.2.3', 'x'.repeat(99_999)])
      assert.equal(readAddress(none), null, none.slice(0, 20));
  });
});
