import assert from 'node:assert/strict';
import { ApiCredential } from '#models/api-credential.js';
import { SshKey } from '#models/ssh-key.js';
import { DAY, SECOND } from '#server/lib/clock.js';
import { listCredentials } from '#server/features/credentials/list.js';
import type { Browser } from '../support/browser.js';
import { contextIn } from '../support/links.js';
import { newestDetails } from '../support/log.js';
import { startPortal, type Portal } from '../support/portal.js';
import { freshSshKey, programOf, tokenFor } from '../support/programs.js';

const PATH = '/admin/credentials';

describe('An admin and the SSH keys of everybody', () => {
  let portal: Portal;
  let adam: Browser;
  beforeEach(async () => {
    portal = await startPortal();
    adam = await portal.signedIn('acme/adam');
  });
  afterEach(() => portal.close());

  async function keyOf(who: string, name: string, expiresOn = ''): Promise<SshKey> {
    const browser = await portal.signedIn(who);
    const fields = { name, publicKey: freshSshKey(), expiresOn };
    assert.equal((await browser.submit('/security/ssh-keys', '/security/ssh-keys', fields)).status, 303);
    return SshKey.findOne({ where: { name }, rejectOnEmpty: true });
  }
  const given = async (who: string): Promise<string> => {
    const answer = await (await programOf(portal, 'acme/olivia')).get(`/ssh-keys/acme/${who}`);
    return answer.text;
  };
  const rowOf = async (name: string, at = PATH): Promise<string | undefined> =>
    (await adam.open(at)).document
      .querySelectorAll('tbody tr')
      .map(({ text }) => text.replace(/\s+/g, ' ').trim())
      .find((text) => text.includes(name));

  it('sees them among what lets programs in, by owner, fingerprint and end, and none of another organisation', async () => {
    const key = await keyOf('acme/uma', 'Laptop of Uma');
    await keyOf('globex/gina', 'Laptop of Gina');
    assert.match((await rowOf('Laptop of Uma')) ?? '', /Uma Ndiayeuma Sign-in to servers Never Never Active/);
    assert.ok((await rowOf('Laptop of Uma'))?.includes(key.fingerprint));
    assert.equal(await rowOf('Laptop of Gina'), undefined);
    assert.equal(await rowOf('Laptop of Uma', `${PATH}?kind=token`), undefined);
    assert.match((await adam.open(`${PATH}?kind=ssh-key&q=laptop`)).text, /One credential/);
  });

  /** Of each filter: what it finds of the keys below, and nothing more. */
  const FOUND: Readonly<Record<string, readonly string[]>> = {
    'noEnd=yes': ['Idle', 'Suspended', 'Plain'],
    'unused=yes': ['Idle'],
    'expiring=yes': ['Ending'],
    'overPolicy=yes': [],
    'noAddresses=yes': [],
    'kind=ssh-key': ['Idle', 'Ending', 'Lasting', 'Suspended', 'Plain'],
  };

  it('finds by each filter exactly those that it is about', async () => {
    await keyOf('acme/uma', 'Idle');
    portal.clock.move(91 * DAY);
    adam = await portal.signedIn('acme/adam');
    const now = portal.clock.now();
    const on = (days: number): string => new Date(now + days * DAY).toISOString().slice(0, 10);
    for (const [name, end] of [
      ['Plain', ''],
      ['Ending', on(5)],
      ['Lasting', on(60)],
      ['Over', on(1)],
      ['Suspended', ''],
    ] as const)
      await keyOf('acme/uma', name, end);
    await SshKey.update({ expiresAt: now - SECOND }, { where: { name: 'Over' } });
    await SshKey.update({ suspendedAt: now }, { where: { name: 'Suspended' } });
    for (const [filter, names] of Object.entries(FOUND)) {
      const page = await adam.open(`${PATH}?${filter}`);
      const found = page.document.querySelectorAll('tbody th').map(({ childNodes }) => childNodes[0]?.text.trim());
      assert.deepEqual([...found].sort(), [...names].sort(), filter);
    }
    assert.match((await rowOf('Suspended')) ?? '', /Suspended$/);
  });

  it('goes through both kinds in one order, page by page, and misses none', async () => {
    const { tenant } = await contextIn(portal, 'acme');
    const userId = portal.idOf('acme/uma');
    for (let at = 0; at < 30; at += 1) {
      portal.clock.move(SECOND);
      const createdAt = portal.clock.now();
      const own = { tenantId: tenant.id, userId, name: `Key ${at}`, createdAt };
      const text = { type: 'ssh-ed25519', bits: 256, fingerprint: `SHA256:${at}`, blob: '', comment: '' };
      if (at % 3 === 0) await tokenFor(portal, 'acme/uma');
      else await SshKey.create({ ...own, ...text });
    }
    const program = await programOf(portal, 'acme/olivia');
    for (const query of ['', '&noEnd=yes', '&q=uma', '&q=key']) {
      const all = await program.all(`/credentials?limit=4${query}`);
      const once = (await program.all(`/credentials?limit=200${query}`)).map(({ id }) => id);
      assert.deepEqual(
        all.map(({ id }) => id),
        once,
        query,
      );
      assert.ok(once.length > 15, query);
      const times = all.map(({ createdAt }) => String(createdAt));
      assert.deepEqual(times, [...times].sort().reverse(), query);
    }
    const [every, keys] = [await ApiCredential.count(), await SshKey.count()];
    assert.equal(
      (await listCredentials(await contextIn(portal, 'acme'), { limit: 200 })).credentials.length,
      every + keys,
    );
  });

  it('takes one from its owner, who is told, and no server is given it any more', async () => {
    const key = await keyOf('acme/uma', 'Lost laptop');
    assert.match(await given('uma'), /ssh-ed25519/);
    const at = `${PATH}/${key.id}/removal`;
    assert.match(
      (await adam.open(at)).text,
      /Servers that ask here let nobody in with it any more, and Uma Ndiaye gets/,
    );
    assert.equal((await adam.submit(at, at)).status, 303);
    assert.equal(await given('uma'), '');
    assert.equal((await newestDetails(portal, 'acme', 'ssh-key.removed'))['fingerprint'], key.fingerprint);
    const { text } = await portal.inbox.newestTo('uma@acme.example');
    assert.match(text, /Adam .* has revoked what signs in as your account uma at Acme/);
    assert.ok(text.includes(`the SSH key “Lost laptop” (${key.fingerprint})`));
    assert.ok(text.includes('/security/ssh-keys'));
  });

  it('takes none from who may do more, nor of another organisation', async () => {
    const [own, other] = [await keyOf('acme/olivia', 'Of the owner'), await keyOf('globex/gina', 'Foreign')];
    const _csrf = await adam.csrf('/security');
    assert.equal((await adam.post(`${PATH}/${own.id}/removal`, { _csrf })).status, 403);
    assert.equal((await adam.post(`${PATH}/${other.id}/removal`, { _csrf })).status, 404);
    await adam.post(`${PATH}/removal`, { _csrf, ids: [own.id, other.id], confirmed: '1' });
    const program = await programOf(portal, 'acme/adam');
    assert.equal((await program.delete(`/credentials/${own.id}`)).status, 403);
    assert.equal((await program.delete(`/credentials/${other.id}`)).status, 404);
    assert.equal((await program.get(`/credentials/${other.id}`)).status, 404);
    assert.equal(await SshKey.count(), 2);
  });

  it('is told the same by the API, and removes one by it', async () => {
    const key = await keyOf('acme/uma', 'Laptop');
    const program = await programOf(portal, 'acme/adam');
    const { body } = await program.get(`/credentials/${key.id}`);
    assert.deepEqual(
      [body['kind'], body['firstCharacters'], body['state'], body['expiresAt']],
      ['ssh-key', key.fingerprint, 'active', null],
    );
    assert.deepEqual((await program.all(`/users/${key.userId}/credentials`)).length, 0, 'API credentials alone');
    assert.equal((await program.delete(`/credentials/${key.id}`)).status, 204);
    assert.equal(await SshKey.count(), 0);
  });
});
