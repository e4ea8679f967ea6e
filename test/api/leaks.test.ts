import assert from 'node:assert/strict';
import { ApiCredential } from '#models/api-credential.js';
import { newApiSecret } from '#server/lib/api-secret.js';
import { HOUR, MINUTE } from '#server/lib/clock.js';
import { contentsOf } from '../support/database.js';
import { makeToken, rotate, secretOn } from '../support/credentials.js';
import { logged } from '../support/links.js';
import { startPortal, type Portal } from '../support/portal.js';
import { bearer, forgedSecret, generateFor, tokenFor, withBasic } from '../support/programs.js';
import { Program, type Reply } from '../support/program.js';

describe('Anybody can report credentials that were found in the open', () => {
  let portal: Portal;
  let scanner: Program;
  beforeEach(async () => {
    portal = await startPortal();
    scanner = new Program(portal);
  });
  afterEach(() => portal.close());

  const report = (...tokens: unknown[]): Promise<Reply> => scanner.post('/credentials/leaked', { tokens });

  it('Real ones are revoked at once, their owners told by mail, and it stands high in the log', async () => {
    const token = await tokenFor(portal, 'acme/uma');
    const key = await generateFor(portal, 'acme/umar', 'key');
    const password = await generateFor(portal, 'globex/gina', 'password');
    assert.deepEqual([(await report(token.secret, ` ${key}\n`, password)).status], [202]);
    for (const program of [
      bearer(portal, token.secret),
      bearer(portal, key),
      withBasic(portal, 'globex/gina', password),
    ])
      assert.equal((await program.get('/me')).code, 'token_revoked');
    for (const [address, what] of [
      ['uma@acme.example', /API token/],
      ['umar@acme.example', /API key/],
      ['gina@globex.example', /API password/],
    ] as const) {
      const mail = await portal.inbox.newestTo(address);
      assert.match(mail.subject, /leaked API credential.*has been revoked/);
      assert.match(mail.text, what);
      assert.ok(!mail.text.includes(token.secret.slice(17)));
    }
    const events = [
      ...(await logged(portal, 'acme', 'api-credential.leaked')),
      ...(await logged(portal, 'globex', 'api-credential.leaked')),
    ];
    assert.deepEqual(
      events.map((event) => [event['level'], event['actor_id'], event['door']]),
      Array.from({ length: 3 }, () => ['high', null, 'api']),
    );
    assert.ok(!JSON.stringify(events).includes(token.secret.slice(17)));
  });

  it('The answer is the same for all, so that nobody learns which were real', async () => {
    const { secret, id } = await tokenFor(portal, 'acme/uma');
    const dead = await tokenFor(portal, 'acme/uma');
    await ApiCredential.update({ revokedAt: 1 }, { where: { id: dead.id } });
    const answers = [
      await report(secret),
      await report(secret),
      await report(dead.secret),
      await report(newApiSecret('token').text),
      await report('nonsense'),
      await report(''),
      await report(),
    ];
    assert.equal(
      new Set(answers.map(({ status, text, headers }) => JSON.stringify([status, text, headers['content-type']]))).size,
      1,
    );
    assert.equal(answers[0]!.status, 202);
    assert.notEqual((await ApiCredential.findByPk(id))?.revokedAt, null);
    assert.equal((await logged(portal, 'acme', 'api-credential.leaked')).length, 1, 'Each is told of once.');
  });

  it('What is none changes nothing: a wrong checksum, another secret with the same id, a hash', async () => {
    const { secret } = await tokenFor(portal, 'acme/uma');
    const [prefix = '', id = ''] = secret.split('_');
    const other = newApiSecret('token').text.split('_');
    const before = await contentsOf(portal.database);
    await report(
      `${secret.slice(0, -1)}!`,
      secret.toLowerCase(),
      `${prefix}_${id}_${other[2]}_${other[3]}`,
      forgedSecret(id),
      secret.slice(0, 40),
      '[object Object]',
    );
    assert.deepEqual(await contentsOf(portal.database), before);
    assert.equal((await bearer(portal, secret).get('/me')).status, 200);
  });

  it('Up to 100 at once, as a list of texts', async () => {
    const { secret } = await tokenFor(portal, 'acme/uma');
    assert.equal((await report(...Array.from({ length: 101 }, () => secret))).status, 422);
    for (const tokens of [secret, null, [[secret]], [7], { 0: secret }])
      assert.equal((await scanner.post('/credentials/leaked', { tokens })).status, 422);
    assert.equal((await scanner.post('/credentials/leaked', [secret])).status, 422);
    assert.equal((await bearer(portal, secret).get('/me')).status, 200);
    assert.equal((await report(...Array.from({ length: 99 }, () => newApiSecret('token').text), secret)).status, 202);
    assert.equal((await bearer(portal, secret).get('/me')).code, 'token_revoked');
  });

  it('A former secret that is dead already costs the owner nothing; one that still works does', async () => {
    const browser = await portal.signedIn('acme/uma');
    const { id, secret } = await makeToken(browser);
    const fresh = secretOn(await rotate(browser, id, '1'));
    portal.clock.move(HOUR + MINUTE);
    assert.equal((await report(secret)).status, 202);
    assert.equal((await bearer(portal, fresh).get('/me')).status, 200);
    await browser.signIn('acme/uma', 'plum-harbour-violet-84');
    const newest = secretOn(await rotate(browser, id, '24'));
    assert.equal((await report(fresh)).status, 202);
    assert.equal((await bearer(portal, newest).get('/me')).code, 'token_revoked');
  });

  it('Sixty reports a minute from one address, and no more', async () => {
    for (let times = 0; times < 60; times += 1) assert.equal((await report('x')).status, 202);
    assert.equal((await report('x')).status, 429);
  });
});
