import assert from 'node:assert/strict';
import { SshKey } from '#models/ssh-key.js';
import { MINUTE } from '#server/lib/clock.js';
import { ANOTHER_TAB, type Browser, type Fields, type Page } from '../support/browser.js';
import { contentsOf } from '../support/database.js';
import { whileSecuring } from '../support/credentials.js';
import { logged } from '../support/links.js';
import { PASSWORD, startPortal, type Portal } from '../support/portal.js';
import { EXPONENT, fingerprintOf, keyLine, modulusOf, newKeyLine } from '../support/ssh-keys.js';
import { newestDetails } from '../support/users.js';

const PATH = '/security/ssh-keys';

describe('The SSH keys of a user', () => {
  let portal: Portal;
  let uma: Browser;
  beforeEach(async () => {
    portal = await startPortal();
    uma = await portal.signedIn('acme/uma');
  });
  afterEach(() => portal.close());

  const add = (fields: Fields = {}, browser = uma): Promise<Page> =>
    browser.submit(PATH, PATH, { name: 'Laptop', publicKey: newKeyLine(), ...fields });
  const added = async (fields: Fields = {}, browser = uma): Promise<SshKey> => {
    const answer = await add(fields, browser);
    assert.equal(answer.status, 303, answer.alert);
    return SshKey.findOne({ order: [['id', 'DESC']], rejectOnEmpty: true });
  };
  const refused = async (fields: Fields, field: string, why: RegExp): Promise<Page> => {
    const before = await SshKey.count();
    const page = await add(fields);
    assert.equal(page.status, 422);
    assert.match(field === '' ? page.alert : page.errorOf(field), why);
    assert.equal(await SshKey.count(), before);
    return page;
  };

  it('are listed with type, bits, fingerprint, comment, when they were added, and their end', async () => {
    const line = keyLine('ssh-rsa', EXPONENT, modulusOf(3072));
    const page = await uma.follow(await add({ publicKey: line, expiresOn: '2031-12-31' }));
    assert.match(page.flash, /The key “Laptop” has been added/);
    assert.match(page.text, /Laptop\s*made@test/);
    assert.match(page.text, /ssh-rsa, 3072 bits/);
    assert.ok(page.text.includes(fingerprintOf(line)));
    assert.match(page.text, /31 Dec 2031, 23:59/);
    assert.match(page.text, /Never/);
    assert.match((await uma.open('/security')).text, /SSH keys\s*One key/);
  });

  it('leave three traces when one is added, and say what to do if it was somebody else', async () => {
    const key = await added({ name: 'Stranger' });
    const details = await newestDetails(portal, 'acme', 'ssh-key.added');
    assert.deepEqual(details, { name: 'Stranger', type: 'ssh-ed25519', fingerprint: key.fingerprint });
    const mail = await portal.inbox.newestTo('uma@acme.example');
    assert.equal(mail.subject, 'New SSH key on your Acme account');
    assert.ok(mail.text.includes(`The SSH key “Stranger” (${key.fingerprint}) was added to your account`));
    const link = await portal.inbox.linkTo('uma@acme.example', '/disavowal/');
    assert.equal((await portal.browser().submit(link, link)).status, 303);
    assert.equal(await SshKey.count({ where: { suspendedAt: null } }), 0);
  });

  it('are refused with a clear reason beside the field, and what was typed comes back', async () => {
    const dsa = keyLine('ssh-dss', modulusOf(1024), EXPONENT, modulusOf(160), modulusOf(1024));
    await refused({ publicKey: dsa }, 'publicKey', /DSA keys are too weak/);
    await refused({ publicKey: keyLine('ssh-rsa', EXPONENT, modulusOf(1024)) }, 'publicKey', /has 1024 bits/);
    await refused({ publicKey: `no-pty ${newKeyLine()}` }, 'publicKey', /Options in front/);
    await refused({ publicKey: `${newKeyLine()}\r\n${newKeyLine()}` }, 'publicKey', /one key at a time/);
    await refused({ publicKey: '' }, 'publicKey', /Paste your public key/);
    await refused({ publicKey: 'x'.repeat(16_385) }, 'publicKey', /at most 16384/);
    await refused({ name: '' }, 'name', /Enter a name/);
    const page = await refused(
      { publicKey: newKeyLine().slice(0, 50), name: 'Kept' },
      'publicKey',
      /damaged or cut short/,
    );
    assert.equal(page.valueOf('name'), 'Kept');
    assert.match(page.document.querySelector('textarea')?.text ?? '', /^\s*ssh-ed25519 AAAA/);
  });

  it('that are private do not come back on the page, nor are they kept anywhere', async () => {
    const secret = 'b3BlbnNzaC1rZXktdjEAAAAABG5vbmUAAAAEbm9uZQAAAAAAAAABAAAAMwAAAAtzc2gtZW';
    const publicKey = `-----BEGIN OPENSSH PRIVATE KEY-----\n${secret}\n-----END OPENSSH PRIVATE KEY-----`;
    for (const fields of [{ publicKey }, { publicKey, name: '' }]) {
      const page = await add(fields);
      assert.equal(page.status, 422);
      assert.ok(!page.html.includes(secret.slice(30)));
    }
    assert.ok(!JSON.stringify(await contentsOf(portal.database)).includes(secret.slice(30)));
    assert.ok(!portal.logLines.join().includes(secret.slice(30)));
  });

  it('are each there once, also by two requests at once; others may have the same', async () => {
    const publicKey = newKeyLine();
    const form = { ...(await uma.open(PATH)).form(PATH), ...ANOTHER_TAB, name: 'Twice', publicKey };
    const answers = await Promise.all([1, 2, 3].map(() => uma.post(PATH, form)));
    assert.deepEqual(answers.map(({ status }) => status).sort(), [303, 422, 422]);
    await refused(
      { publicKey: `${publicKey.split(' ').slice(0, 2).join(' ')} another comment` },
      'publicKey',
      /You have added this key already/,
    );
    await added({ publicKey }, await portal.signedIn('acme/umar'));
    await added({ publicKey }, await portal.signedIn('globex/gina'));
  });

  it('end with the day they name, where their owner is', async () => {
    await uma.submit('/profile', '/profile', { timeZone: 'Pacific/Auckland' });
    const { expiresAt } = await added({ expiresOn: '2031-01-31' });
    assert.equal(new Date(expiresAt ?? 0).toISOString(), '2031-01-31T10:59:59.999Z');
    for (const expiresOn of ['2031-02-30', '2031-13-01', '31.12.2031', 'soon'])
      await refused({ expiresOn }, 'expiresOn', /in the form 2027-12-31/);
    await refused({ expiresOn: '2020-01-01' }, 'expiresOn', /in the future/);
    portal.clock.move(Date.UTC(2031, 1, 1) - portal.clock.now());
    uma = await portal.signedIn('acme/uma');
    assert.match((await uma.open(PATH)).text, /Expired/);
  });

  it('are at most 50', async () => {
    const key = await added();
    const { id, fingerprint, ...rest } = key.get();
    await SshKey.bulkCreate(Array.from({ length: 48 }, (_, at) => ({ ...rest, fingerprint: `SHA256:${at}` })));
    const form = { ...(await uma.open(PATH)).form(PATH), name: 'The last one' };
    const answers = await Promise.all([1, 2].map(() => uma.post(PATH, { ...form, publicKey: newKeyLine() })));
    assert.deepEqual(answers.map(({ status }) => status).sort(), [303, 422]);
    await refused({}, '', /50 SSH keys, which is the most/);
  });

  it('are removed one by one, at once, and by their owner alone', async () => {
    const { id } = await added();
    for (const who of ['acme/umar', 'acme/olivia', 'globex/gina', 'platform/opal']) {
      const other = await portal.signedIn(who);
      assert.equal((await other.post(`${PATH}/${id}/removal`, { _csrf: await other.csrf() })).status, 404, who);
    }
    const _csrf = await uma.csrf(PATH);
    const answers = await Promise.all([1, 2].map(() => uma.post(`${PATH}/${id}/removal`, { _csrf })));
    assert.deepEqual(answers.map(({ status }) => status).sort(), [303, 404]);
    assert.equal((await logged(portal, 'acme', 'ssh-key.removed')).length, 1);
  });

  it('ask for the password again before one is added, long after the last time', async () => {
    const form = { ...(await uma.open(PATH)).form(PATH), name: 'Late', publicKey: newKeyLine() };
    portal.clock.move(11 * MINUTE);
    const answer = await uma.post(PATH, form);
    assert.match(answer.location, /^\/confirm\?kept=/);
    assert.equal(await SshKey.count({ where: { suspendedAt: null } }), 0);
    // The form has waited, and goes on when the password was given.
    const confirmed = await uma.submit(answer.location, '/confirm', { password: PASSWORD });
    assert.ok(confirmed.status < 400);
  });

  it('cannot be left behind by a request that was under way when the account was secured', async () => {
    const form = { ...(await uma.open(PATH)).form(PATH), name: 'Left behind', publicKey: newKeyLine() };
    await whileSecuring(portal, 'acme/uma', () => uma.post(PATH, form));
    assert.equal(await SshKey.count({ where: { suspendedAt: null } }), 0);
  });
});
