import assert from 'node:assert/strict';
import { newId } from '#models/columns.js';
import { SecurityEvent } from '#models/security-event.js';
import { User } from '#models/user.js';
import { UserRole } from '#models/user-role.js';
import { findPerson, listEvents, readEvent } from '#server/features/security-log/actions.js';
import { beginVerification } from '#server/features/security-log/verification.js';
import { record } from '#server/trace/record.js';
import { rowsOf, table } from '../support/log.js';
import { contextIn } from '../support/links.js';
import { PASSWORD, startPortal, type Portal } from '../support/portal.js';

const PATH = '/admin/security-log';

describe('The security log', () => {
  let portal: Portal;
  beforeEach(async () => {
    portal = await startPortal();
  });
  afterEach(() => portal.close());

  it('shows when, what, how grave, who, to whom and from where, newest first', async () => {
    await portal.browser().tryToSignIn('acme/uma', 'wrong');
    const adam = await portal.signedIn('acme/adam');
    const page = await adam.open(PATH);
    assert.equal(page.heading, 'Security log');
    const [signedIn, failed] = table(page);
    assert.match(signedIn?.[0] ?? '', /^\d{1,2} \w+ \d{4}, \d\d:\d\d UTC: Signed in$/);
    assert.deepEqual(signedIn?.slice(1), [
      'Signed in Signed in by: Password · New browser: Yes',
      'Low',
      'Adam Arslan',
      '–',
      '127.0.0.1 Firefox 143 on Linux',
    ]);
    assert.deepEqual(failed?.slice(1, 5), [
      'Sign-in failed Reason: wrong password',
      'Low',
      'Somebody not signed in',
      'Uma Ndiaye',
    ]);
    const founding = table(page).at(-1);
    assert.deepEqual(founding?.slice(1), [
      'Organisation created Short name: acme · Name: Acme',
      'High',
      'Command line',
      'This organisation',
      '–',
    ]);
  });

  it('tells what changed as what it was and what it is', async () => {
    const adam = await portal.signedIn('acme/adam');
    await adam.submit('/admin/security-policy', '/admin/security-policy', { minLength: '20', maxAgeDays: '90' });
    const row = table(await adam.open(PATH)).at(0);
    assert.equal(
      row?.[1],
      'Security policy changed Preset: NIST SP 800-63B → Custom · Minimum length: 15 characters → 20 characters · Must be changed after: Never → 90 days',
    );
    assert.equal(row[4], 'Security policy');
  });

  it('gives each row a page of its own', async () => {
    const adam = await portal.signedIn('acme/adam');
    await adam.submit('/admin/security-policy', '/admin/security-policy', { minLength: '20' });
    const newest = (await rowsOf(portal, 'acme')).at(-1);
    const page = await adam.open(`${PATH}/${newest?.id ?? ''}`);
    assert.equal(page.heading, 'Security policy changed High');
    for (const words of [
      /Minimum length\s*15 characters\s*20 characters/,
      /Through\s*Web page/,
      /IP address\s*127\.0\.0\.1/,
      /Engine\s*Gecko/,
      /Operating system\s*Linux/,
    ])
      assert.match(page.text, words);
    assert.match(page.text, new RegExp(`Row\\s*${newest?.seq ?? ''}`));
  });

  it('is the same 404 for another organisation’s row, for none, and for what is no id', async () => {
    const gary = await portal.signedIn('globex/gary');
    const foreign = (await rowsOf(portal, 'acme')).at(-1)?.id ?? '';
    const answers = await Promise.all(
      [foreign, newId(), 'x', '%00', `${foreign}%20`].map((id) => gary.get(`${PATH}/${id}`)),
    );
    assert.deepEqual(
      answers.map(({ status }) => status),
      [404, 404, 404, 404, 404],
    );
    assert.equal(new Set(answers.map(({ heading }) => heading)).size, 1);
  });

  it('holds nothing of another organisation, whatever is asked', async () => {
    const gary = await portal.signedIn('globex/gary');
    for (const query of ['', `?actor=${portal.idOf('acme/uma')}`, '?actor=uma', '?actor=uma@acme.example', '?q=acme']) {
      assert.doesNotMatch((await gary.open(PATH + query)).text, /Uma Ndiaye|Short name: acme/, query);
    }
  });

  it('does not tell the name of another organisation’s user, should an id of theirs ever stand in a row', async () => {
    const target = { type: 'user' as const, id: portal.idOf('acme/uma') };
    await record(await contextIn(portal, 'globex'), { event: 'demo.event', target });
    const page = await (await portal.signedIn('globex/gary')).open(`${PATH}?event=demo.event`);
    assert.match(table(page)[0]?.[4] ?? '', /^Deleted user/);
  });

  it('is open to who may read it, and to nobody else', async () => {
    const statusFor = async (who: string): Promise<number> => (await (await portal.signedIn(who)).get(PATH)).status;
    assert.deepEqual(
      await Promise.all(['acme/olivia', 'acme/adam', 'acme/audrey', 'acme/uma'].map(statusFor)),
      [200, 200, 200, 403],
    );
    const uma = await portal.signedIn('acme/uma');
    const row = (await rowsOf(portal, 'acme')).at(-1)?.id ?? '';
    assert.equal((await uma.get(`${PATH}/${row}`)).status, 403);
    assert.equal((await uma.post(`${PATH}/verification`, { _csrf: await uma.csrf('/security') })).status, 403);
  });

  it('is refused to an actor without the permission by the actions themselves, whatever door they come through', async () => {
    const context = await contextIn(portal, 'acme');
    const uma = {
      ...context,
      actor: { ...context.actor, kind: 'user' as const, permissions: new Set(['users:read' as const]) },
    };
    const row = (await rowsOf(portal, 'acme')).at(-1)?.id ?? '';
    await assert.rejects(() => listEvents(uma, { sort: 'newest' }), { status: 403 });
    await assert.rejects(() => readEvent(uma, row), { status: 403 });
    await assert.rejects(() => findPerson(uma, 'uma'), { status: 403 });
    await assert.rejects(() => beginVerification(uma), { status: 403 });
  });

  it('keeps a pseudonym for who is gone, and finds all about them by it', async () => {
    const id = portal.idOf('acme/umar');
    await portal.signedIn('acme/umar');
    await UserRole.destroy({ where: { userId: id } });
    await User.destroy({ where: { id } });
    const adam = await portal.signedIn('acme/adam');
    const page = await adam.open(PATH);
    const pseudonym = `Deleted user ${id.slice(0, 4)}…${id.slice(-6)}`;
    assert.ok(table(page).some((row) => row[3] === pseudonym));
    assert.doesNotMatch(page.text, /Umar|umar@/);
    const found = await adam.open(`${PATH}?actor=${id}`);
    assert.deepEqual(
      table(found).map((row) => row[1]),
      ['Signed in Signed in by: Password · New browser: Yes', 'User created Kind: person · Status: active'],
    );
  });

  it('calls an operator of the platform an operator, and says no more of them', async () => {
    const acme = await contextIn(portal, 'acme');
    const opal = {
      ...acme.actor,
      kind: 'user' as const,
      id: portal.idOf('platform/opal'),
      tenantId: (await contextIn(portal, 'platform')).tenant.id,
    };
    await record(
      { ...acme, actor: opal },
      {
        event: 'tenant.changed',
        target: { type: 'tenant', id: acme.tenant.id },
        details: { name: { from: 'Acme', to: 'Acme Ltd' } },
      },
    );
    const adam = await portal.signedIn('acme/adam');
    const page = await adam.open(`${PATH}?event=tenant.changed`);
    assert.deepEqual(table(page)[0]?.slice(1, 5), [
      'Organisation changed Name: Acme → Acme Ltd',
      'Middle',
      'Operator',
      'This organisation',
    ]);
    assert.doesNotMatch(page.text, /Opal/);
  });

  it('shows what somebody typed as text, and what cannot be read as it stands', async () => {
    const acme = await contextIn(portal, 'acme');
    await record(acme, {
      event: 'demo.event',
      details: {
        reason: '<script>alert(1)</script>',
        someNewField: ['a', 'b'],
        nothing: null,
        deep: { from: { a: 1 }, to: [] },
      },
    });
    const newest = (await SecurityEvent.findOne({ order: [['seq', 'DESC']], rejectOnEmpty: true })).get({
      plain: true,
    });
    await SecurityEvent.create({
      ...newest,
      id: newId(),
      seq: 9999,
      at: Date.now() + 60_000,
      details: 'not json',
      client: '{broken',
      event: 'event.of-tomorrow',
    });
    const page = await (await portal.signedIn('acme/adam')).open(PATH);
    assert.match(page.html, /&lt;script&gt;alert\(1\)/);
    assert.match(page.text, /Some new field: a, b · Nothing: None · Deep: \{"a":1\} → None/);
    assert.match(page.text, /event\.of-tomorrow Details: not json/);
  });

  it('never holds a password, a session id, a link or a token, whatever was done', async () => {
    const uma = await portal.signedIn('acme/uma');
    await portal.browser().tryToSignIn('acme/umar', 'my-other-secret-passphrase');
    const next = 'violin-harvest-mosaic-31';
    await uma.submit('/security', '/security/password', {
      currentPassword: PASSWORD,
      newPassword: next,
      confirmPassword: next,
    });
    await portal.browser().submit('/password/forgot', '/password/forgot', { organization: 'acme', username: 'umar' });
    const link = await portal.inbox.linkTo('umar@acme.example', '/password/reset/');
    const token = link.split('/').at(-1) ?? '';
    await portal.browser().submit(link, link, { newPassword: next, confirmPassword: next });
    const all = JSON.stringify(await rowsOf(portal, 'acme'));
    assert.match(all, /password\.reset/);
    // Which organisation somebody signs in to, and which account they have, is no secret.
    for (const name of ['organization', 'username', 'looked']) uma.cookies.delete(`gatehouse-${name}`);
    const cookies = [...uma.cookies.values()].map((value) => decodeURIComponent(value).replace(/^s:|\..*$/g, ''));
    for (const secret of [PASSWORD, next, 'my-other-secret-passphrase', token, '$argon2', ...cookies]) {
      assert.ok(secret.length >= 6 && !all.includes(secret), secret);
    }
  });
});
