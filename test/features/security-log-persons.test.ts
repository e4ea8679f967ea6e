import assert from 'node:assert/strict';
import { ApiCredential } from '#models/api-credential.js';
import { LogPersonKey } from '#models/log-person-key.js';
import { User } from '#models/user.js';
import { countSealed } from '#server/keys/sealed.js';
import { withPersons } from '#server/trace/personal.js';
import type { Browser } from '../support/browser.js';
import { contextIn } from '../support/links.js';
import { rowsOf, table, verdictOn } from '../support/log.js';
import { startPortal, type Portal } from '../support/portal.js';
import { freshSshKey, programOf, tokenFor } from '../support/programs.js';
import { addSomebody } from '../support/users.js';

const PATH = '/admin/security-log';

describe('What names somebody in the security log', () => {
  let portal: Portal;
  let audrey: Browser;
  let adam: Browser;
  before(async () => {
    portal = await startPortal();
    audrey = await portal.signedIn('acme/audrey');
    adam = await portal.signedIn('acme/adam');
    await rename('umar', { name: 'Umar Quell', username: 'umar.new', email: 'umar@elsewhere.example' });
  });
  after(() => portal.close());
  const rename = async (who: string, fields: Record<string, string>): Promise<void> => {
    const path = `/admin/users/${portal.idOf(`acme/${who}`)}`;
    assert.equal((await adam.submit(path, path, fields)).status, 303);
  };
  const changes = async (event: string): Promise<string[]> =>
    table(await audrey.get(`${PATH}?event=${event}`)).map((row) => row[1] ?? '');

  it('is read in full, old and new, by who may read the log: on the pages, by programs and in files', async () => {
    assert.deepEqual(await changes('user.changed'), ['User changed Name: Umar Usman → Umar Quell']);
    assert.deepEqual(await changes('user.renamed'), ['Username changed Username: umar → umar.new']);
    assert.deepEqual(await changes('email.changed'), [
      'E-mail address changed E-mail address: umar@acme.example → umar@elsewhere.example',
    ]);
    const api = await programOf(portal, 'acme/adam', { scopes: ['log:read'] });
    const [row] = (await api.get('/security-log?event=user.renamed')).body['data'] as { id: string; details: object }[];
    assert.deepEqual(row?.details, { username: { from: 'umar', to: 'umar.new' } });
    assert.match((await audrey.get(`${PATH}/${row.id}`)).text, /Usernameumarumar\.new/);
    assert.match((await audrey.get(`${PATH}/export.csv?event=user.renamed`)).html, /Username: umar → umar\.new/);
    assert.match((await audrey.get(`${PATH}/export.jsonl?event=user.renamed`)).html, /"from":"umar","to":"umar\.new"/);
  });

  it('is the username too, where two share a name', async () => {
    for (const who of ['acme/john', 'acme/johnny']) await addSomebody(portal, who, 'user');
    const whom = async (): Promise<string[]> =>
      table(await audrey.get(`${PATH}?event=user.created`)).flatMap((row) => row.filter((cell) => /^John/.test(cell)));
    assert.deepEqual(await whom(), ['Johnny Somebody', 'John Somebody']);
    await User.update({ name: 'John Smith' }, { where: { username: ['john', 'johnny'] } });
    assert.deepEqual(await whom(), ['John Smith (johnny)', 'John Smith (john)']);
  });

  it('stands nowhere in the database as it is, and a search for a word finds nothing in what is sealed', async () => {
    for (const { event, details } of await rowsOf(portal, 'acme'))
      assert.doesNotMatch(details, /umar|Usman|Quell|elsewhere/i, event);
    for (const word of ['a', 'e', '1', 'zz']) {
      const found = table(await audrey.get(`${PATH}?q=${word}&within=details&event=user.renamed`));
      assert.ok(found.length <= 1);
    }
    const shown = table(await audrey.get(`${PATH}?q=Umar`));
    assert.ok(
      shown.some((row) => /Username changed/.test(row[1] ?? '')),
      'By the name of today all of it is found.',
    );
  });

  it('is under one key a person, sealed under the installation’s, and opens for no other row', async () => {
    const { tenant } = await contextIn(portal, 'acme');
    assert.equal(await LogPersonKey.count({ where: { userId: portal.idOf('acme/umar') } }), 1);
    const sealed = await countSealed(portal.services);
    assert.ok(sealed.some(({ called, count }) => /names people in the log/.test(called) && count >= 1));
    const rows = (await rowsOf(portal, 'acme')).filter(({ event }) => event === 'user.renamed');
    const [row] = rows;
    assert.ok(row);
    const [moved] = await withPersons(portal.services, tenant.id, [{ ...row, id: 'another' }]);
    assert.doesNotMatch(moved?.details ?? '', /umar/);
  });

  it('goes with the account: the rows stay, verify, and say so; what names others stays', async () => {
    await rename('uma', { name: 'Uma Stays' });
    const before = await rowsOf(portal, 'acme');
    const id = portal.idOf('acme/umar');
    const path = `/admin/users/${id}/removal`;
    assert.equal((await adam.submit(path, path, { username: 'umar.new' })).status, 303);
    assert.equal(await User.count({ where: { id } }), 0);
    assert.equal(await LogPersonKey.count({ where: { userId: id } }), 0);
    assert.deepEqual((await rowsOf(portal, 'acme')).slice(0, before.length), before);
    assert.equal((await verdictOn(portal, 'acme')).intact, true);
    assert.deepEqual(await changes('user.renamed'), [
      'Username changed Username: removed with the account → removed with the account',
    ]);
    const names = await changes('user.changed');
    assert.ok(names.includes('User changed Name: Uma Ndiaye → Uma Stays'));
    assert.ok(names.includes('User changed Name: removed with the account → removed with the account'));
  });

  it('is what they call their keys and tokens, too: found by its name while it is there, and gone with the account', async () => {
    const uma = await portal.signedIn('acme/uma');
    const named = { ssh: 'Uma’s little laptop', token: 'Ndiaye nightly' };
    await uma.submit('/security/ssh-keys', '/security/ssh-keys', { name: named.ssh, publicKey: freshSshKey() });
    const { id: tokenId } = await tokenFor(portal, 'acme/uma');
    await (await ApiCredential.findByPk(tokenId, { rejectOnEmpty: true })).update({ name: named.token });
    await (await programOf(portal, 'acme/uma')).get('/me');
    const raw = (await rowsOf(portal, 'acme')).filter(({ event }) => /^(ssh-key|api-token)\./.test(event));
    assert.equal(raw.length, 4);
    for (const { event, details } of raw) assert.doesNotMatch(details, /laptop|Token \d|nightly/, event);
    const found = async (q: string): Promise<string[]> =>
      table(await audrey.get(`${PATH}?q=${encodeURIComponent(q)}&within=details`)).map((row) => row[1] ?? '');
    assert.match((await found(named.ssh)).join(), /^SSH key added .*little laptop/);
    assert.match((await found('NDIAYE NIGHT')).join(), /^API token created .*Token \d/);
    const path = `/admin/users/${portal.idOf('acme/uma')}/removal`;
    assert.equal((await adam.submit(path, path, { username: 'uma' })).status, 303);
    const page = await audrey.get(`${PATH}?event=ssh-key.added`);
    assert.match(table(page).join(), /Name: removed with the account/);
    assert.doesNotMatch(page.html, /little laptop/);
  });

  it('stays where the removal does not happen: it is one transaction with the key', async () => {
    const oliviaId = portal.idOf('acme/olivia');
    const olivia = await portal.signedIn('acme/olivia');
    await olivia.submit('/profile', '/profile', { name: 'Olivia Owns' });
    assert.equal(await LogPersonKey.count({ where: { userId: oliviaId } }), 1);
    const path = '/account/removal';
    const fields = { username: 'olivia', password: 'plum-harbour-violet-84' };
    assert.notEqual((await olivia.post(path, { _csrf: await olivia.csrf('/profile'), ...fields })).status, 303);
    assert.equal(await LogPersonKey.count({ where: { userId: oliviaId } }), 1);
    assert.match((await changes('profile.changed')).join(), /→ Olivia Owns/);
  });
});
