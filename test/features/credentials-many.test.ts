import assert from 'node:assert/strict';
import { ApiCredential } from '#models/api-credential.js';
import { SecurityPolicy } from '#models/security-policy.js';
import { SshKey } from '#models/ssh-key.js';
import { addMonths } from '#policies/months.js';
import { DAY } from '#server/lib/clock.js';
import type { Browser, Fields, Page } from '../support/browser.js';
import { newestDetails } from '../support/log.js';
import { startPortal, type Portal } from '../support/portal.js';
import { freshSshKey, giveRoles, programOf, roleWith, tokenFor } from '../support/programs.js';
import { addSomebody } from '../support/users.js';

const PATH = '/admin/credentials';
const SHORTENING = `${PATH}/shortening`;
const REMOVAL = `${PATH}/removal`;

describe('An admin who changes many credentials at once', () => {
  let portal: Portal;
  let adam: Browser;
  let csrf: string;
  beforeEach(async () => {
    portal = await startPortal();
    adam = await portal.signedIn('acme/adam');
    csrf = await adam.csrf('/security');
  });
  afterEach(() => portal.close());

  const day = (days: number): string => new Date(portal.clock.now() + days * DAY).toISOString().slice(0, 10);
  const endOf = async (id: string) => (await ApiCredential.findByPk(id, { rejectOnEmpty: true })).expiresAt ?? 0;
  const isRevoked = async (id: string) =>
    (await ApiCredential.findByPk(id, { rejectOnEmpty: true })).revokedAt !== null;
  const ask = (path: string, fields: Fields): Promise<Page> => adam.post(path, { _csrf: csrf, ...fields });
  /** Presses the button that does what a preview shows. */
  const confirm = (page: Page): Promise<Page> => {
    const form = page.document.querySelectorAll('form').find((one) => one.querySelector('[name=confirmed]'));
    const sent = new Map<string, string[]>();
    for (const input of form?.querySelectorAll('input') ?? []) {
      const name = input.getAttribute('name') ?? '';
      sent.set(name, [...(sent.get(name) ?? []), input.getAttribute('value') ?? '']);
    }
    return adam.post(form?.getAttribute('action') ?? '', Object.fromEntries(sent));
  };
  const rows = (page: Page, section: string): string[] =>
    page.document
      .querySelectorAll(`section[aria-labelledby=${section}] tbody tr`)
      .map(({ text }) => text.replace(/\s+/g, ' ').trim());

  it('with none chosen is led to the first that can be, of a list that begins with one that cannot', async () => {
    await tokenFor(portal, 'acme/uma', { months: 12 });
    await tokenFor(portal, 'acme/olivia', { months: 1 });
    for (const path of [SHORTENING, REMOVAL]) {
      const page = await ask(path, path === REMOVAL ? {} : { expiresOn: day(60) });
      assert.equal(page.status, 422);
      assert.deepEqual(
        page.links().filter((one) => one.startsWith('#field-')),
        ['#field-ids'],
      );
      const target = page.document.querySelector('#field-ids');
      assert.match(target?.getAttribute('aria-label') ?? '', /of Uma Ndiaye/);
    }
  });

  it('sees before who is left out, and why; then those chosen end on the day, and nobody else’s', async () => {
    const [uma, umar, owner] = [
      await tokenFor(portal, 'acme/uma', { months: 12 }),
      await tokenFor(portal, 'acme/umar', { months: 1 }),
      await tokenFor(portal, 'acme/olivia', { months: 12 }),
    ];
    const other = await tokenFor(portal, 'globex/gina', { months: 12 });
    const before = await endOf(umar.id);
    const ids = [uma.id, umar.id, owner.id, other.id];
    const page = await ask(SHORTENING, { ids, expiresOn: day(60) });
    assert.equal(page.heading, 'Shorten one credential?');
    assert.equal(rows(page, 'reached').length, 1);
    assert.match(rows(page, 'reached')[0] ?? '', /Uma Ndiaye/);
    const left = rows(page, 'left-out').sort();
    assert.equal(left.length, 2, 'another organisation’s is not there');
    assert.match(left.join(), /Umar Usman.*It ends by then anyway/);
    assert.match(left.join(), /Olivia.*The owner may do more than you/);
    assert.ok((await endOf(uma.id)) > portal.clock.now() + 300 * DAY, 'nothing is done yet');

    assert.match(
      (await adam.follow(await confirm(page))).flash,
      /^One credential has been shortened\. One was not there any more\. 1 of people/,
    );
    assert.ok(Math.abs((await endOf(uma.id)) - (portal.clock.now() + 60 * DAY)) < 2 * DAY);
    assert.equal(await endOf(umar.id), before);
    for (const one of [owner, other]) assert.ok((await endOf(one.id)) > portal.clock.now() + 300 * DAY);
  });

  it('tells each owner once, in the mail of what ends sooner, and the log of each', async () => {
    const [one, two] = [await tokenFor(portal, 'acme/uma'), await tokenFor(portal, 'acme/uma')];
    const umar = await tokenFor(portal, 'acme/umar');
    await confirm(await ask(SHORTENING, { ids: [one.id, two.id, umar.id], expiresOn: day(5) }));
    const [several, ...more] = (await portal.inbox.mailsTo('uma@acme.example')).filter(({ subject }) =>
      /now end/.test(subject),
    );
    assert.equal(more.length, 0);
    assert.match(several?.subject ?? '', /^2 credentials at Acme now end by \d+ \w+/);
    assert.match(several?.text ?? '', /^Adam .* has shortened how long what signs in as you is valid\./m);
    assert.match(several?.text ?? '', /The API token “Token \d+”: \d+ \w+ \d{4}.*; The API token “Token \d+”: \d+/);
    const single = await portal.inbox.newestTo('umar@acme.example');
    assert.match(single.subject, /^The API token “Token \d+” at Acme now ends on \d+ \w+/);
    assert.match(single.text, /\/security\/tokens/);
    const details = await newestDetails(portal, 'acme', 'api-credential.shortened');
    const to = new Date(await endOf(umar.id)).toISOString();
    assert.deepEqual((details['expiresAt'] as { to: string }).to, to);
  });

  it('can shorten to what the policy allows, which leaves two weeks at least, and says nothing of SSH keys', async () => {
    const token = await tokenFor(portal, 'acme/uma', { months: 12 });
    const uma = await portal.signedIn('acme/uma');
    await uma.submit('/security/ssh-keys', '/security/ssh-keys', { name: 'Laptop', publicKey: freshSshKey() });
    const key = await SshKey.findOne({ rejectOnEmpty: true });
    await SecurityPolicy.update({ tokenMaxMonths: 2 }, { where: {} });
    const page = await ask(SHORTENING, { ids: [token.id, key.id] });
    assert.match(rows(page, 'left-out')[0] ?? '', /Laptop.*The policy says nothing of SSH keys/);
    await confirm(page);
    const { createdAt } = await ApiCredential.findByPk(token.id, { rejectOnEmpty: true });
    assert.equal(await endOf(token.id), addMonths(createdAt, 2));
    await confirm(await ask(SHORTENING, { ids: key.id, expiresOn: day(3) }));
    assert.ok(((await key.reload()).expiresAt ?? Infinity) < portal.clock.now() + 5 * DAY);
  });

  it('makes nothing last longer, and takes no day that has passed', async () => {
    const { id } = await tokenFor(portal, 'acme/uma', { months: 1 });
    const before = await endOf(id);
    await ask(SHORTENING, { ids: id, expiresOn: day(200), confirmed: '1' });
    assert.equal(await endOf(id), before);
    const late = await ask(SHORTENING, { ids: id, expiresOn: day(-1), confirmed: '1' });
    assert.equal(late.status, 422);
    assert.match(late.errorOf('expiresOn'), /has passed/);
    assert.ok(late.form(SHORTENING)['ids'], 'what was chosen stays chosen');
    assert.equal(await endOf(id), before);
  });

  it('does it to all that the filters find, and to nothing that nobody has looked at', async () => {
    const idle = [await tokenFor(portal, 'acme/uma'), await tokenFor(portal, 'acme/umar')];
    portal.clock.move(91 * DAY);
    await ApiCredential.update({ expiresAt: portal.clock.now() + 90 * DAY }, { where: {} });
    const used = await tokenFor(portal, 'acme/uma');
    adam = await portal.signedIn('acme/adam');
    csrf = await adam.csrf('/security');
    const page = await ask(REMOVAL, { all: '1', unused: 'yes' });
    assert.equal(page.heading, 'Revoke 2 credentials?');

    const third = await tokenFor(portal, 'acme/umar');
    await ApiCredential.update({ createdAt: portal.clock.now() - 95 * DAY }, { where: { id: third.id } });
    const again = await confirm(page);
    assert.match(again.text, /Something has changed meanwhile/);
    assert.equal(await isRevoked(idle[0]?.id ?? ''), false);

    assert.equal((await confirm(again)).status, 303);
    for (const { id } of [...idle, third]) assert.equal(await isRevoked(id), true);
    assert.equal(await isRevoked(used.id), false);
  });

  it('finds by a program what a page finds, says first what would be done, and does the same', async () => {
    const [uma, owner] = [await tokenFor(portal, 'acme/uma'), await tokenFor(portal, 'acme/olivia')];
    const program = await programOf(portal, 'acme/adam');
    const expiresAt = new Date(portal.clock.now() + DAY).toISOString();
    const body = { ids: [uma.id, owner.id], expiresAt };
    const dry = (await program.post('/credentials/shortening', { ...body, dryRun: true })).body;
    assert.deepEqual([dry['count'], dry['leftOutCount'], dry['dryRun']], [1, 1, true]);
    assert.equal((dry['leftOut'] as { because: string }[])[0]?.because, 'above');
    assert.ok((await endOf(uma.id)) > portal.clock.now() + 2 * DAY);
    assert.equal((await program.post('/credentials/shortening', body)).body['count'], 1);
    assert.equal(await endOf(uma.id), Date.parse(expiresAt));
    assert.equal(
      (await program.post('/credentials/shortening', { ...body, expiresAt: '2001-01-01T00:00:00Z' })).status,
      422,
    );
    assert.equal((await program.post('/credentials/removal', {})).status, 422);
    // Whoever means some of these by a filter, or all of these by a word, would lose more than that.
    for (const also of [{ all: true }, { unused: 'yes' }, { q: 'uma' }])
      for (const deed of ['removal', 'shortening'])
        assert.equal((await program.post(`/credentials/${deed}`, { ids: [owner.id], ...also })).status, 422);
    const gone = await program.post('/credentials/removal', { all: true, q: 'uma', kind: 'token' });
    assert.equal(gone.body['count'], 1);
    assert.deepEqual([await isRevoked(uma.id), await isRevoked(owner.id)], [true, false]);
  });

  it('needs the right to revoke; by filters to see them, too', async () => {
    const { id } = await tokenFor(portal, 'acme/uma');
    const auditor = await programOf(portal, 'acme/audrey');
    const role = await roleWith(portal, 'acme', ['credentials:revoke', 'tokens:create']);
    await giveRoles(await addSomebody(portal, 'acme/rita', 'user'), [role]);
    const blind = await programOf(portal, 'acme/rita');
    for (const deed of ['removal', 'shortening']) {
      assert.equal((await auditor.post(`/credentials/${deed}`, { ids: [id], dryRun: true })).status, 403);
      assert.equal((await blind.post(`/credentials/${deed}`, { all: true, dryRun: true })).status, 403);
    }
    const { body } = await blind.post('/credentials/removal', { ids: [id], dryRun: true });
    assert.deepEqual([body['credentials'], body['leftOut']], [[], []], 'who may not see them is told a number');
  });
});
