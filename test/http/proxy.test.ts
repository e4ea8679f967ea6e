import assert from 'node:assert/strict';
import { addressKey, cleanAddress } from '#server/http/address-limit.js';
import { PASSWORD, startPortal, type Portal } from '../support/portal.js';

/** The addresses of the sessions of a member of the cast, newest first. */
async function addresses(portal: Portal, who: string): Promise<unknown[]> {
  const rows = await portal.database.read(
    'SELECT ip FROM sessions WHERE user_id = $1 ORDER BY created_at DESC, id DESC',
    [portal.idOf(who)],
  );
  return rows.map(({ ip }) => ip);
}

async function signInFrom(portal: Portal, forwarded: string): Promise<unknown> {
  const browser = portal.browser();
  browser.headers['X-Forwarded-For'] = forwarded;
  await browser.signIn('acme/uma', PASSWORD);
  return (await addresses(portal, 'acme/uma'))[0];
}

describe('The address that a request comes from', () => {
  it('Is that of the connection where no proxy is trusted, whatever X-Forwarded-For says', async () => {
    const portal = await startPortal();
    for (const forwarded of ['203.0.113.9', '203.0.113.9, 10.0.0.1', 'nonsense'])
      assert.equal(await signInFrom(portal, forwarded), '127.0.0.1');
    await portal.close();
  });

  it('Is the one that the trusted proxies saw, and not what the visitor put in front of it', async () => {
    const portal = await startPortal({ env: { TRUST_PROXY: '1' } });
    assert.equal(await signInFrom(portal, '198.51.100.7'), '198.51.100.7');
    assert.equal(await signInFrom(portal, '1.2.3.4, 198.51.100.7'), '198.51.100.7');
    assert.equal(await signInFrom(portal, '2001:DB8::7'), '2001:db8::7');
    await portal.close();
    const named = await startPortal({ env: { TRUST_PROXY: 'loopback, 10.0.0.0/8' } });
    assert.equal(await signInFrom(named, '1.2.3.4, 198.51.100.7, 10.1.1.1'), '198.51.100.7');
    await named.close();
  });

  it('Is nobody’s where it is no address: it breaks neither a sign-in nor a counter', async () => {
    const portal = await startPortal({ env: { TRUST_PROXY: '1' } });
    for (const forged of [
      '<script>alert(1)</script>',
      'x'.repeat(5000),
      "'; DROP TABLE sessions; --",
      '999.1.1.1',
      '127.0.0.1:80',
      'unknown',
    ]) {
      assert.equal(await signInFrom(portal, forged), '', forged.slice(0, 40));
    }
    const rows = await portal.database.read('SELECT key FROM throttles', []);
    assert.ok(rows.every(({ key }) => String(key).length <= 120));
    await portal.close();
  });

  it('Counts as one with all of its /64, as a customer has that many', () => {
    const key = addressKey('2001:db8:1:2::1');
    for (const same of [
      '2001:db8:1:2::2',
      '2001:DB8:1:2:ffff:ffff:ffff:ffff',
      '2001:0db8:0001:0002:0:0:0:3',
      '2001:db8:1:2::%eth0',
    ])
      assert.equal(addressKey(same), key, same);
    for (const other of ['2001:db8:1:3::1', '2001:db8:1::2', '2001:db8::1:2:0:0:1'])
      assert.notEqual(addressKey(other), key, other);
    assert.equal(addressKey('::1'), '0:0:0:0::/64');
    assert.equal(addressKey('::ffff:203.0.113.7'), '203.0.113.7');
    assert.notEqual(addressKey('203.0.113.7'), addressKey('203.0.113.8'));
    for (const none of [null, undefined, '', 'x', '203.0.113', `1.2.3.4${' '.repeat(200)}`])
      assert.equal(addressKey(none), 'unknown');
  });

  it('Is kept as people write it', () => {
    assert.equal(cleanAddress('::ffff:203.0.113.7'), '203.0.113.7');
    assert.equal(cleanAddress('::FFFF:203.0.113.7'), '203.0.113.7');
    assert.equal(cleanAddress('fe80::1%eth0'), 'fe80::1');
    assert.equal(cleanAddress('not one'), null);
  });
});
