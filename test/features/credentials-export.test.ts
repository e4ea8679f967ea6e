import assert from 'node:assert/strict';
import { ApiCredentialSecret } from '#models/api-credential-secret.js';
import { ApiCredential } from '#models/api-credential.js';
import { User } from '#models/user.js';
import { exportCredentials } from '#server/features/credentials/export.js';
import { DAY } from '#server/lib/clock.js';
import type { Browser } from '../support/browser.js';
import { generate, makeToken } from '../support/credentials.js';
import { rowsIn } from '../support/csv.js';
import { contextIn, logged } from '../support/links.js';
import { startPortal, type Portal } from '../support/portal.js';
import { freshSshKey, programOf } from '../support/programs.js';
import { newestDetails, userCalled } from '../support/users.js';

const FILE = '/admin/credentials/export.csv';
const CALL = '/credentials/export.csv';

describe('The credentials as a file', () => {
  let portal: Portal;
  let adam: Browser;
  let uma: Browser;
  beforeEach(async () => {
    portal = await startPortal();
    adam = await portal.signedIn('acme/adam');
    uma = await portal.signedIn('acme/uma');
  });
  afterEach(() => portal.close());

  const namesIn = (csv: string): string[] =>
    rowsIn(csv)
      .map(({ name = '' }) => name)
      .sort();

  it('has what the list shows of each that works, and none of another organisation', async () => {
    const { id } = await makeToken(uma, {
      name: 'Backup of Uma',
      months: '3',
      allowedIps: '192.0.2.1\n198.51.100.0/24',
    });
    await makeToken(await portal.signedIn('globex/gina'), { name: 'Backup of Gina', months: '3' });
    const key = { name: 'Laptop', publicKey: freshSshKey(), expiresOn: '' };
    await uma.submit('/security/ssh-keys', '/security/ssh-keys', key);
    const lastUsedAt = portal.clock.now();
    await ApiCredential.update({ lastUsedAt, lastUsedIp: '192.0.2.1' }, { where: { id } });
    const page = await adam.get(FILE);
    assert.equal(page.status, 200);
    assert.match(page.headers['content-type'] ?? '', /^text\/csv/);
    assert.match(page.headers['content-disposition'] ?? '', /attachment; filename=credentials.csv$/);
    assert.deepEqual(namesIn(page.html), ['Backup of Uma', 'Laptop']);
    const row = rowsIn(page.html).find(({ name }) => name === 'Backup of Uma');
    const { createdAt, expiresAt } = await ApiCredential.findByPk(id, { rejectOnEmpty: true });
    const iso = (at: number | null): string => new Date(at ?? 0).toISOString();
    const { 'first characters': first = '', ...rest } = row ?? {};
    assert.ok((await adam.open('/admin/credentials')).text.includes(first) && first.startsWith('ght_'));
    assert.deepEqual(rest, {
      ...{ id, kind: 'token', name: 'Backup of Uma', owner: 'Uma Ndiaye', 'owner username': 'uma', role: 'User' },
      ...{ scopes: '', addresses: '192.0.2.1|198.51.100.0/24', created: iso(createdAt) },
      ...{ 'last used': iso(lastUsedAt), 'last used from': '192.0.2.1', expires: iso(expiresAt) },
      ...{ 'longer than the policy': 'no', state: 'active' },
    });
  });

  it('holds no secret, nor the hash of one', async () => {
    const { secret } = await makeToken(uma, { months: '3' });
    const secrets = [secret, await generate(uma, 'api-key'), await generate(uma, 'api-password')];
    const hashes = (await ApiCredentialSecret.findAll()).map(({ secretHash }) => secretHash);
    const program = await programOf(portal, 'acme/olivia');
    for (const text of [(await adam.get(FILE)).html, (await program.get(CALL)).text]) {
      assert.ok(rowsIn(text).length >= 3);
      for (const hidden of [...secrets, ...hashes]) assert.ok(!text.includes(hidden.slice(-20)));
    }
  });

  it('says of what can do nothing why, as the list does', async () => {
    await makeToken(uma, { name: 'Waits for its role', months: '3' });
    await makeToken(await portal.signedIn('acme/umar'), { name: 'Of a disabled owner', months: '3' });
    await ApiCredential.update({ roleId: null }, { where: { name: 'Waits for its role' } });
    await User.update({ status: 'disabled' }, { where: { id: (await userCalled(portal, 'acme/umar')).id } });
    const states = rowsIn((await adam.get(FILE)).html).map(({ name, state }) => `${name}: ${state}`);
    assert.deepEqual(states.sort(), ['Of a disabled owner: owner disabled', 'Waits for its role: role lost']);
  });

  it('has what the filters of the list find, to which its link leads, and the log says that it was taken', async () => {
    for (const name of ['Nightly backup', 'Invoices']) await makeToken(uma, { name, months: '3' });
    const list = await adam.open('/admin/credentials?q=backup&kind=token');
    const link = list.links().find((to) => to.startsWith(FILE)) ?? '';
    assert.deepEqual(namesIn((await adam.get(link)).html), ['Nightly backup']);
    assert.deepEqual(await newestDetails(portal, 'acme', 'api-credentials.exported'), { about: ['kind', 'q'] });
    const before = (await logged(portal, 'acme', 'api-credentials.exported')).length;
    assert.equal((await adam.get(`${FILE}?kind=everything`)).status, 400);
    assert.equal((await uma.get(FILE)).status, 403);
    assert.equal((await logged(portal, 'acme', 'api-credentials.exported')).length, before);
  });

  it('comes to programs that may list credentials, with the same filters, and to no others', async () => {
    for (const name of ['Nightly backup', 'Invoices']) await makeToken(uma, { name, months: '3' });
    const program = await programOf(portal, 'acme/olivia');
    const { status, text, headers } = await program.get(`${CALL}?q=invoices`);
    assert.deepEqual([status, namesIn(text)], [200, ['Invoices']]);
    assert.match(String(headers['content-type']), /^text\/csv/);
    assert.equal((await logged(portal, 'acme', 'api-credentials.exported')).length, 1);
    for (const query of ['kind=everything', 'cursor=x', 'limit=2'])
      assert.equal((await program.get(`${CALL}?${query}`)).status, 422, query);
    assert.equal((await (await programOf(portal, 'acme/uma')).get(CALL)).status, 403);
    const narrow = await programOf(portal, 'acme/olivia', { scopes: ['users:read'] });
    assert.equal((await narrow.get(CALL)).status, 403);
  });

  it('has nothing that a spreadsheet runs', async () => {
    await makeToken(uma, { name: '=HYPERLINK("x")', months: '3' });
    assert.deepEqual(namesIn((await adam.get(FILE)).html), [`'=HYPERLINK("x")`]);
  });

  it('comes in parts, so that no more of it is held than is sent', async () => {
    const { tenantId, id: userId } = await userCalled(portal, 'acme/uma');
    const now = portal.clock.now();
    const about = { tenantId, userId, kind: 'token' as const, months: 12, expiresAt: now + 90 * DAY };
    await ApiCredential.bulkCreate(
      Array.from({ length: 1100 }, (_, at) => ({ ...about, name: `Token ${at}`, createdAt: now - at })),
    );
    const parts: string[] = [];
    for await (const part of await exportCredentials(await contextIn(portal, 'acme'), {})) parts.push(part);
    assert.ok(parts.length > 3 && parts.every((part) => part.split('\r\n').length <= 501));
    const ids = rowsIn(parts.join('')).map(({ id }) => id);
    assert.deepEqual([ids.length, new Set(ids).size], [1100, 1100]);
  });
});
