import assert from 'node:assert/strict';
import { User } from '#models/user.js';
import { sections } from '#server/features/account/own-data.js';
import { HOUR } from '#server/lib/clock.js';
import { contextIn, logged } from '../support/links.js';
import { rowsOf } from '../support/log.js';
import { startPortal, type Portal } from '../support/portal.js';
import type { Program } from '../support/program.js';
import { programOf } from '../support/programs.js';

describe('A program that takes away what is kept', () => {
  let portal: Portal;
  let opal: Program;
  before(async () => {
    portal = await startPortal();
    opal = await programOf(portal, 'platform/opal');
  });
  after(() => portal.close());
  const idOf = async (organization: string): Promise<string> => (await contextIn(portal, organization)).tenant.id;
  const rows = (body: Record<string, unknown>, name: string) => body[name] as Record<string, unknown>[];

  it('of its owner: all of it, and the owner is mailed', async () => {
    const uma = await programOf(portal, 'acme/uma');
    const { status, body, headers } = await uma.post('/me/export');
    assert.equal(status, 200);
    assert.equal(headers['content-disposition'], 'attachment; filename=my-data.json');
    for (const { name } of sections()) assert.ok(Array.isArray(body[name]), name);
    assert.equal(rows(body, 'account')[0]?.['id'], portal.idOf('acme/uma'));
    const row = (await rowsOf(portal, 'acme')).findLast(({ event }) => event === 'account.exported');
    assert.equal(row?.door, 'api');
    assert.equal((await portal.inbox.newestTo('uma@acme.example')).event, 'account-exported');
    assert.doesNotMatch(JSON.stringify(body), /argon2/);
  });

  it('of its owner: not with a token that is limited to something', async () => {
    const before = (await logged(portal, 'acme', 'account.exported')).length;
    const narrow = await programOf(portal, 'acme/olivia', { scopes: ['users:read'] });
    assert.equal((await narrow.post('/me/export')).status, 403);
    assert.equal((await logged(portal, 'acme', 'account.exported')).length, before);
  });

  it('of its owner: ten times an hour, each of which is a mail', async () => {
    const umar = await programOf(portal, 'acme/umar');
    const answers: number[] = [];
    for (let at = 0; at < 12; at += 1) answers.push((await umar.post('/me/export')).status);
    assert.deepEqual(answers, [...Array<number>(10).fill(200), 429, 429]);
    const mails = (await portal.inbox.mailsTo('umar@acme.example')).filter(({ event }) => event === 'account-exported');
    assert.equal(mails.length, 10);
    portal.clock.move(HOUR);
    assert.equal((await umar.post('/me/export')).status, 200);
  });

  it('of an organisation: every row, for operators alone, and both logs have it', async () => {
    const acme = await idOf('acme');
    const path = `/tenants/${acme}/export`;
    const { status, body, headers } = await opal.post(path);
    assert.equal(status, 200);
    assert.match(headers['content-disposition'] ?? '', /^attachment; filename=acme\.json$/);
    assert.equal(rows(body, 'users').length, await User.count({ where: { tenantId: acme } }));
    assert.ok(rows(body, 'users').every((user) => user['tenant_id'] === acme && !('password_hash' in user)));
    for (const organization of ['acme', 'platform'])
      assert.equal((await logged(portal, organization, 'tenant.exported')).length, 1, organization);
    for (const who of ['acme/olivia', 'globex/oscar'])
      assert.equal((await (await programOf(portal, who)).post(path)).status, 403, who);
    assert.equal((await logged(portal, 'acme', 'tenant.exported')).length, 1);
  });

  it('mails its owners their invitation again, and the one before opens nothing', async () => {
    const made = await opal.post('/tenants', {
      ...{ name: 'Initech', slug: 'initech' },
      ...{ ownerName: 'Ines', ownerUsername: 'ines', ownerEmail: 'ines@initech.example' },
    });
    const path = `/tenants/${String(made.body['id'])}`;
    const first = await portal.inbox.linkTo('ines@initech.example', '/invitations/');
    assert.deepEqual((await opal.post(`${path}/invitation`)).body, { invited: 1 });
    const second = await portal.inbox.linkTo('ines@initech.example', '/invitations/');
    assert.notEqual(first, second);
    assert.match((await portal.browser().get(first)).text, /no longer|used|expired|not valid/i);
    assert.deepEqual((await opal.post(`/tenants/${await idOf('acme')}/invitation`)).body, { invited: 0 });
    for (let at = 0; at < 4; at += 1) assert.equal((await opal.post(`${path}/invitation`)).status, 200);
    assert.equal((await opal.post(`${path}/invitation`)).status, 429);
    const mails = (await portal.inbox.mailsTo('ines@initech.example')).filter(({ event }) => event === 'invitation');
    assert.equal(mails.length, 6, 'One when it was made, and five more.');
    portal.clock.move(HOUR);
    await opal.patch(path, { status: 'suspended' });
    assert.equal((await opal.post(`${path}/invitation`)).status, 409);
  });
});
