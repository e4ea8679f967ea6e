import assert from 'node:assert/strict';
import { ApiCredential } from '#models/api-credential.js';
import { startPortal, type Portal } from '../support/portal.js';
import { bearer, generateFor, programOf, tokenFor, withBasic } from '../support/programs.js';
import type { Program, Reply } from '../support/program.js';
import { setPolicy } from '../support/second-factor.js';

describe('Where a program may call from', () => {
  let portal: Portal;
  before(async () => {
    portal = await startPortal({ env: { TRUST_PROXY: '1' } });
  });
  after(() => portal.close());

  const from = (program: Program, ip: string): Promise<Reply> => program.get('/me', { 'X-Forwarded-For': ip });
  const verdict = async (program: Program, ip: string): Promise<string> => {
    const { status, code } = await from(program, ip);
    return `${status} ${code}`.trim();
  };

  it('is anywhere, unless the token says otherwise', async () => {
    const free = await programOf(portal, 'acme/uma');
    const bound = await programOf(portal, 'acme/uma', { allowedIps: '203.0.113.0/24\n2001:db8::/32' });
    for (const ip of ['203.0.113.7', '2001:db8:1::5', '::ffff:203.0.113.9']) {
      assert.equal(await verdict(free, ip), '200');
      assert.equal(await verdict(bound, ip), '200', ip);
    }
    for (const ip of ['203.0.114.7', '2001:db9::1', '::1', '10.0.0.1'])
      assert.equal(await verdict(bound, ip), '403 ip_not_allowed', ip);
  });

  it('and a refusal there tells nothing of the list', async () => {
    const bound = await programOf(portal, 'acme/uma', { allowedIps: '203.0.113.0/24' });
    const { body, headers } = await from(bound, '192.0.2.1');
    assert.doesNotMatch(JSON.stringify(body), /203\.0|192\.0/);
    assert.equal(headers['www-authenticate'], undefined);
  });

  it('is where the organisation allows, for whatever credential; and both must allow it', async () => {
    const token = await programOf(portal, 'globex/gina', { allowedIps: '203.0.113.7' });
    const key = bearer(portal, await generateFor(portal, 'globex/gina', 'key'));
    const password = withBasic(portal, 'globex/gina', await generateFor(portal, 'globex/gina', 'password'));
    await setPolicy(portal, 'globex', { allowedIps: '203.0.113.0/28' });
    for (const program of [token, key, password]) {
      assert.equal(await verdict(program, '203.0.113.7'), '200');
      assert.equal(await verdict(program, '198.51.100.1'), '403 ip_not_allowed');
    }
    assert.equal(await verdict(key, '203.0.113.9'), '200');
    assert.equal(await verdict(token, '203.0.113.9'), '403 ip_not_allowed');
    await setPolicy(portal, 'globex', { allowedIps: '' });
    assert.equal(await verdict(key, '198.51.100.1'), '200');
  });

  it('A call from elsewhere is no use of the token: nothing is noted', async () => {
    const { id, secret } = await tokenFor(portal, 'acme/uma', { allowedIps: '203.0.113.7' });
    assert.equal(await verdict(bearer(portal, secret), '192.0.2.1'), '403 ip_not_allowed');
    assert.equal((await ApiCredential.findByPk(id))?.lastUsedAt, null);
    assert.equal(await verdict(bearer(portal, secret), '203.0.113.7'), '200');
    assert.equal((await ApiCredential.findByPk(id))?.lastUsedIp, '203.0.113.7');
  });

  it('What is no address, as a forged header may say, is nowhere', async () => {
    const bound = await programOf(portal, 'acme/uma', { allowedIps: '203.0.113.7' });
    for (const ip of ['203.0.113.7.example', "' OR 1=1", '203.0.113.999', ''])
      assert.equal((await from(bound, ip)).status, 400, ip);
    const reply = await from(await programOf(portal, 'acme/uma'), 'nonsense');
    assert.deepEqual([reply.status, reply.code], [400, 'address_unknown']);
  });
});
