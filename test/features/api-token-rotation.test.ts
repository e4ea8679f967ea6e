import assert from 'node:assert/strict';
import { ApiCredentialSecret } from '#models/api-credential-secret.js';
import { ApiCredential } from '#models/api-credential.js';
import { HOUR, MINUTE } from '#server/lib/clock.js';
import { ANOTHER_TAB, type Browser } from '../support/browser.js';
import { makeToken, rotate, secretOn, TOKENS, verdictOn, whileSecuring } from '../support/credentials.js';
import { PASSWORD, startPortal, type Portal } from '../support/portal.js';
import { newestDetails } from '../support/users.js';

describe('An API token that is rotated', () => {
  let portal: Portal;
  let uma: Browser;
  let token: { secret: string; id: string };
  beforeEach(async () => {
    portal = await startPortal();
    uma = await portal.signedIn('acme/uma');
    token = await makeToken(uma, {
      name: 'Build server',
      months: '2',
      scopes: 'tokens:create',
      allowedIps: '127.0.0.0/8',
    });
  });
  afterEach(() => portal.close());

  const rotated = async (overlapHours: string): Promise<string> => secretOn(await rotate(uma, token.id, overlapHours));
  const settings = async () => {
    const { lastUsedAt, lastUsedIp, ...rest } = (await ApiCredential.findByPk(token.id, { rejectOnEmpty: true })).get();
    return rest;
  };

  it('gets a new secret with the same settings, shown once, and keeps its place in the list', async () => {
    const before = await settings();
    const page = await rotate(uma, token.id, '1');
    const secret = secretOn(page);
    assert.notEqual(secret, token.secret);
    assert.match(page.text, /works for one more hour/);
    assert.deepEqual(await settings(), before);
    assert.equal(await verdictOn(portal, secret), '200');
    const list = await uma.open(TOKENS);
    assert.equal(list.document.querySelectorAll('tbody tr').length, 1);
    assert.ok(list.text.includes(secret.slice(0, 17)) && !list.text.includes(token.secret.slice(0, 17)));
    assert.ok(!(await uma.open(`${TOKENS}/${token.id}`)).html.includes(secret.slice(17)));
    const details = await newestDetails(portal, 'acme', 'api-token.rotated');
    assert.deepEqual(details, { credential: token.id, name: 'Build server', overlapHours: 1 });
    assert.match(
      (await portal.inbox.newestTo('uma@acme.example')).subject,
      /^New secret of an API token on your Acme account$/,
    );
  });

  it('at once: the old secret is refused at the very next call', async () => {
    const secret = await rotated('0');
    assert.equal(await verdictOn(portal, token.secret), '401 invalid_credentials');
    assert.equal(await verdictOn(portal, secret), '200');
  });

  for (const hours of [1, 24]) {
    it(`with an overlap of ${hours} h: the old secret works until then, and not a moment longer`, async () => {
      const secret = await rotated(String(hours));
      portal.clock.move(hours * HOUR - MINUTE);
      assert.equal(await verdictOn(portal, token.secret), '200');
      portal.clock.move(MINUTE + 1);
      assert.equal(await verdictOn(portal, token.secret), '401 token_expired');
      assert.equal(await verdictOn(portal, secret), '200');
    });
  }

  it('tells when the old secret was last used, so that one knows whether it may go', async () => {
    const secret = await rotated('24');
    const shown = async (): Promise<string> => (await uma.open(`${TOKENS}/${token.id}`)).text;
    assert.match(await shown(), new RegExp(`${token.secret.slice(0, 17)}…\\s*Dies in 23 hours\\s*Last used: never`));
    await verdictOn(portal, secret);
    assert.match(await shown(), /in 23 hours\s*Last used: never/);
    await verdictOn(portal, token.secret);
    assert.match(await shown(), /in 23 hours\s*Last used: just now/);
    portal.clock.move(25 * HOUR);
    uma = await portal.signedIn('acme/uma');
    assert.ok(!(await shown()).includes(token.secret.slice(0, 17)));
  });

  it('again within the overlap: no secret lives longer or shorter than it was promised, but "at once" ends them all', async () => {
    const second = await rotated('24');
    portal.clock.move(5 * MINUTE);
    const third = await rotated('1');
    portal.clock.move(HOUR - MINUTE);
    for (const secret of [token.secret, second, third]) assert.equal(await verdictOn(portal, secret), '200');
    portal.clock.move(2 * MINUTE);
    assert.deepEqual(await Promise.all([token.secret, second, third].map((one) => verdictOn(portal, one))), [
      '401 token_expired',
      '401 token_expired',
      '200',
    ]);
    uma = await portal.signedIn('acme/uma');
    const fourth = await rotated('24');
    const last = await rotated('0');
    for (const secret of [third, fourth]) assert.match(await verdictOn(portal, secret), /^401/);
    assert.equal(await verdictOn(portal, last), '200');
    assert.equal(await ApiCredentialSecret.count(), 1);
  });

  it('again with a longer overlap: what was to end before still does', async () => {
    const second = await rotated('1');
    const third = await rotated('24');
    portal.clock.move(HOUR + MINUTE);
    assert.deepEqual(await Promise.all([token.secret, second, third].map((one) => verdictOn(portal, one))), [
      '401 token_expired',
      '200',
      '200',
    ]);
  });

  it('cannot gather secrets: of the old ones at most three work', async () => {
    for (let times = 0; times < 3; times += 1) await rotated('24');
    const page = await rotate(uma, token.id, '24');
    assert.equal(page.status, 422);
    assert.match(page.errorOf('overlapHours'), /Three former secrets of this token still work/);
    assert.equal(secretOn(page), '');
    assert.notEqual(await rotated('0'), '');
  });

  it('by two at once: both secrets that were shown work, and the one of before keeps its overlap', async () => {
    // As a program may send it, which does not say which secret it has seen.
    const { replaces: _, ...form } = (await uma.open(`${TOKENS}/${token.id}`)).form(`${TOKENS}/${token.id}/rotation`);
    const answers = await Promise.all(
      [1, 2].map(() => uma.post(`${TOKENS}/${token.id}/rotation`, { ...form, ...ANOTHER_TAB, overlapHours: '1' })),
    );
    const secrets = answers.map((page) => secretOn(page));
    assert.equal(new Set([token.secret, ...secrets]).size, 3);
    for (const secret of [token.secret, ...secrets]) assert.equal(await verdictOn(portal, secret), '200');
    assert.equal(await ApiCredentialSecret.count({ where: { credentialId: token.id, diesAt: null } }), 1);
  });

  it('and revoked at once is revoked, with every secret it has', async () => {
    const { _csrf = '' } = (await uma.open(`${TOKENS}/${token.id}`)).form(`${TOKENS}/${token.id}/rotation`);
    const [page] = await Promise.all([
      uma.post(`${TOKENS}/${token.id}/rotation`, { _csrf, overlapHours: '24' }),
      uma.post(`${TOKENS}/${token.id}/removal`, { _csrf }),
    ]);
    for (const secret of [token.secret, secretOn(page)].filter(Boolean))
      assert.equal(await verdictOn(portal, secret), '401 token_revoked');
  });

  it('leaves no new secret behind when the account is secured meanwhile', async () => {
    const form = (await uma.open(`${TOKENS}/${token.id}`)).form(`${TOKENS}/${token.id}/rotation`);
    const { answer } = await whileSecuring(portal, 'acme/uma', () => uma.post(`${TOKENS}/${token.id}/rotation`, form));
    assert.equal(secretOn(answer), '');
    assert.equal(await ApiCredentialSecret.count(), 1);
  });

  it('only takes an overlap of the list, and only a token that still works', async () => {
    const _csrf = await uma.csrf(`${TOKENS}/${token.id}`);
    for (const overlapHours of ['2', '-1', '', '24.0', '1e1', ['0', '1']]) {
      const page = await uma.post(`${TOKENS}/${token.id}/rotation`, { _csrf, overlapHours });
      assert.equal(page.status, 422, String(overlapHours));
      assert.match(page.errorOf('overlapHours'), /Choose at once, 1 hour or 24 hours/);
    }
    portal.clock.move(70 * 24 * HOUR);
    uma = await portal.signedIn('acme/uma', PASSWORD);
    assert.ok(!(await uma.open(`${TOKENS}/${token.id}`)).forms().some((action) => action.includes(`${token.id}/`)));
    const late = await uma.post(`${TOKENS}/${token.id}/rotation`, { _csrf: await uma.csrf(), overlapHours: '0' });
    assert.equal(late.status, 409);
  });
});
