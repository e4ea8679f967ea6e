import assert from 'node:assert/strict';
import { ApiCredential } from '#models/api-credential.js';
import { MINUTE } from '#server/lib/clock.js';
import type { Browser } from '../support/browser.js';
import { contentsOf } from '../support/database.js';
import { call, generate, secretOn, verdictOn, whileSecuring } from '../support/credentials.js';
import { logged } from '../support/links.js';
import { PASSWORD, startPortal, type Portal } from '../support/portal.js';

const PATH = '/security/api-key';

describe('The API key', () => {
  let portal: Portal;
  let uma: Browser;
  beforeEach(async () => {
    portal = await startPortal();
    uma = await portal.signedIn('acme/uma');
  });
  afterEach(() => portal.close());

  it('is generated at the press of a button, shown once, and afterwards by its first characters', async () => {
    assert.match((await uma.open(PATH)).text, /You have no API key/);
    const page = await uma.submit(PATH, PATH);
    const key = secretOn(page, 'api-key');
    assert.match(key, /^ghk_[0-9A-Za-z]{12}_[0-9A-Za-z]{43}_[0-9A-Za-z]{6}$/);
    assert.equal(await verdictOn(portal, key), '200');
    for (const path of [PATH, '/security']) assert.ok(!(await uma.open(path)).html.includes(key.slice(17)), path);
    assert.ok((await uma.open(PATH)).text.includes(key.slice(0, 17)));
    assert.ok(!JSON.stringify(await contentsOf(portal.database)).includes(key.slice(17)));
    assert.ok(!portal.logLines.join().includes(key.slice(17)));
    assert.match((await portal.inbox.newestTo('uma@acme.example')).subject, /^New API key on your Acme account$/);
  });

  it('acts with all the rights of its user, by either header', async () => {
    const adam = await portal.signedIn('acme/adam');
    const key = await generate(adam, 'api-key');
    for (const headers of [{ Authorization: `Bearer ${key}` }, { 'X-API-Key': key }]) {
      assert.equal((await call(portal, '/forward-auth?permission=users:delete', headers)).status, 200);
      assert.equal((await call(portal, '/forward-auth?permission=tenants:write', headers)).status, 403);
    }
  });

  it('that is there already: the page warns that calls with it will fail, and asks; to look changes nothing', async () => {
    const old = await generate(uma, 'api-key');
    const page = await uma.open(PATH);
    assert.match(page.text, /Generate a new API key\? The one you have now stops working at once\. Calls with it fail/);
    assert.equal(await verdictOn(portal, old), '200');
    const key = await generate(uma, 'api-key');
    assert.equal(await verdictOn(portal, old), '401 token_revoked');
    assert.equal(await verdictOn(portal, key), '200');
    assert.equal((await logged(portal, 'acme', 'api-key.generated')).length, 2);
  });

  it('is one also when two are generated at once', async () => {
    const { _csrf } = (await uma.open(PATH)).form(PATH) as { _csrf: string };
    const keys = (await Promise.all([1, 2, 3].map(() => uma.post(PATH, { _csrf })))).map((page) =>
      secretOn(page, 'api-key'),
    );
    assert.equal(new Set(keys).size, 3);
    const verdicts = await Promise.all(keys.map((key) => verdictOn(portal, key)));
    assert.deepEqual(verdicts.sort(), ['200', '401 token_revoked', '401 token_revoked']);
    assert.equal(await ApiCredential.count({ where: { revokedAt: null } }), 1);
  });

  it('is one for each user: another’s stays as it is', async () => {
    const mine = await generate(uma, 'api-key');
    const theirs = await generate(await portal.signedIn('acme/umar'), 'api-key');
    assert.deepEqual([await verdictOn(portal, mine), await verdictOn(portal, theirs)], ['200', '200']);
  });

  it('is revoked at the press of a button, and there is nothing to revoke a second time', async () => {
    const key = await generate(uma, 'api-key');
    const _csrf = await uma.csrf(PATH);
    assert.match((await uma.follow(await uma.post(`${PATH}/removal`, { _csrf }))).flash, /API key has been revoked/);
    assert.equal(await verdictOn(portal, key), '401 token_revoked');
    assert.equal((await uma.post(`${PATH}/removal`, { _csrf })).status, 404);
    assert.equal((await logged(portal, 'acme', 'api-credential.revoked')).length, 1);
  });

  it('asks for the password again when the last time is long ago', async () => {
    const _csrf = await uma.csrf(PATH);
    portal.clock.move(11 * MINUTE);
    const answer = await uma.post(PATH, { _csrf });
    assert.match(answer.location, /^\/confirm\?kept=/);
    assert.equal(await ApiCredential.count(), 0);
    await uma.stepUp(PASSWORD, PATH);
    await generate(uma, 'api-key');
  });

  it('is not left behind by a request that was under way when the account was secured', async () => {
    const form = (await uma.open(PATH)).form(PATH);
    const { answer } = await whileSecuring(portal, 'acme/uma', () => uma.post(PATH, form));
    assert.equal(secretOn(answer, 'api-key'), '');
    assert.equal(await ApiCredential.count({ where: { revokedAt: null } }), 0);
  });

  it('takes no field that it does not have', async () => {
    const page = await uma.post(PATH, { _csrf: await uma.csrf(PATH), userId: portal.idOf('acme/adam') });
    assert.equal(page.status, 422);
    assert.equal(await ApiCredential.count(), 0);
  });

  it('replaces only the one that its page has shown and asked about', async () => {
    const early = (await uma.open(PATH)).form(PATH);
    const made = await generate(uma, 'api-key');
    const refused = await uma.post(PATH, early);
    assert.equal(refused.status, 409);
    assert.match(refused.text, /has changed since this page was opened/);
    assert.equal(await verdictOn(portal, made), '200');
    const asked = await uma.open(PATH);
    assert.match(asked.text, /Generate a new API key\? The one you have now stops working at once/);
    assert.equal((await uma.post(PATH, asked.form(PATH))).status, 200);
    assert.equal(await verdictOn(portal, made), '401 token_revoked');
    assert.equal((await uma.post(PATH, { ...early, replaces: 'nonsense' })).status, 422);
  });
});
