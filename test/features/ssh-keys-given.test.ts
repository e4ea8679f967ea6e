import assert from 'node:assert/strict';
import { SshKey } from '#models/ssh-key.js';
import { User } from '#models/user.js';
import { MINUTE } from '#server/lib/clock.js';
import type { Browser } from '../support/browser.js';
import { call, generate, makeToken, type Answer } from '../support/credentials.js';
import { startPortal, type Portal } from '../support/portal.js';
import { newKeyLine } from '../support/ssh-keys.js';
import { pageOf } from '../support/users.js';

const PATH = '/security/ssh-keys';

describe('A server that asks for the SSH keys of a user', () => {
  let portal: Portal;
  let uma: Browser;
  let adam: Browser;
  let key: string;
  let line: string;
  beforeEach(async () => {
    portal = await startPortal();
    uma = await portal.signedIn('acme/uma');
    adam = await portal.signedIn('acme/adam');
    key = await generate(adam, 'api-key');
    line = newKeyLine();
    await uma.submit(PATH, PATH, { name: 'Laptop <b>', publicKey: line });
  });
  afterEach(() => portal.close());

  const ask = (who = 'acme/uma', query = '', secret = key): Promise<Answer> =>
    call(portal, `/ssh-keys/${who}${query}`, { Authorization: `Bearer ${secret}` });
  const only = async (): Promise<SshKey> => SshKey.findOne({ rejectOnEmpty: true });
  const offered = async (): Promise<string> => `?fingerprint=${encodeURIComponent((await only()).fingerprint)}`;

  it('is given one line for each, with nothing on it that somebody has typed', async () => {
    await uma.submit(PATH, PATH, { name: 'Second', publicKey: `${newKeyLine()} command="id"` });
    const { status, text } = await ask();
    assert.equal(status, 200);
    const lines = text.split('\n');
    assert.equal(lines.pop(), '');
    assert.equal(lines.length, 2);
    for (const one of lines) assert.match(one, /^ssh-ed25519 [A-Za-z0-9+/=]+ [0-9a-f-]{36}$/);
    assert.ok(text.includes(line.split(' ')[1] ?? '-'));
  });

  it('finds the user by any spelling of the name, and nobody else', async () => {
    for (const who of ['acme/UMA', 'ACME/uma']) assert.equal((await ask(who)).status, 200, who);
    // An address may be somebody else's tomorrow; a username may not.
    const address = ['acme/uma@acme.example', 'acme/uma%EF%BC%A0acme.example'];
    for (const who of ['acme/nobody', 'globex/gina', 'platform/opal', 'nowhere/uma', 'acme/robo', ...address])
      assert.equal((await ask(who)).status, 404, who);
  });

  it('needs the permission to see users', async () => {
    const ownKey = await generate(uma, 'api-key');
    assert.equal((await ask('acme/uma', '', ownKey)).status, 403);
    const narrow = await makeToken(adam, { scopes: 'log:read' });
    assert.equal((await ask('acme/uma', '', narrow.secret)).status, 403);
    const right = await makeToken(adam, { scopes: 'users:read' });
    assert.equal((await ask('acme/uma', '', right.secret)).status, 200);
    assert.equal((await call(portal, '/ssh-keys/acme/uma')).status, 401);
  });

  it('with the fingerprint of an offered key gets that one, and its use is noted, at most once a minute', async () => {
    await uma.submit(PATH, PATH, { name: 'Second', publicKey: newKeyLine() });
    const [first, second] = await SshKey.findAll({ order: [['id', 'ASC']] });
    const query = `?fingerprint=${encodeURIComponent(first?.fingerprint ?? '')}`;
    const { text } = await ask('acme/uma', query);
    assert.deepEqual([text.split('\n').length, text.includes(first?.blob ?? '-')], [2, true]);
    const used = (await first?.reload())?.lastUsedAt ?? 0;
    assert.ok(Math.abs(portal.clock.now() - used) < MINUTE);
    await ask('acme/uma', query);
    assert.equal((await first?.reload())?.lastUsedAt, used);
    portal.clock.move(2 * MINUTE);
    await ask('acme/uma', query);
    assert.ok(((await first?.reload())?.lastUsedAt ?? 0) > used);
    assert.equal((await second?.reload())?.lastUsedAt, null);
    assert.equal((await ask('acme/uma', `?fingerprint=SHA256:${'A'.repeat(43)}`)).text, '');
    assert.match((await uma.open(PATH)).text, /just now/);
  });

  it('is given none that was removed or has expired', async () => {
    const day = 24 * 60 * 60 * 1000;
    const expiresOn = new Date(portal.clock.now() + day).toISOString().slice(0, 10);
    await uma.submit(PATH, PATH, { name: 'Short', publicKey: newKeyLine(), expiresOn });
    const [, short] = await SshKey.findAll({ order: [['id', 'ASC']] });
    assert.ok((await ask()).text.includes(short?.blob ?? '-'));
    portal.clock.move(3 * day);
    assert.deepEqual([(await ask()).status, (await ask()).text.includes(short?.blob ?? '-')], [200, false]);
    assert.equal((await ask('acme/uma', `?fingerprint=${encodeURIComponent(short?.fingerprint ?? '')}`)).text, '');
    uma = await portal.signedIn('acme/uma');
    const { id } = await only();
    await uma.submit(PATH, `${PATH}/${id}/removal`);
    assert.equal((await ask()).text, '');
  });

  it('is given none of a user who is disabled, and again when that is over', async () => {
    const page = pageOf(portal.idOf('acme/uma'));
    await adam.submit(page, page, { status: 'disabled' });
    assert.equal((await ask()).status, 404);
    assert.equal((await ask('acme/uma', await offered())).status, 404);
    await User.update({ status: 'active' }, { where: { id: portal.idOf('acme/uma') } });
    assert.equal((await ask()).status, 200);
  });
});
