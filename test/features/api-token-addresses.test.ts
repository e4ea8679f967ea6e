import assert from 'node:assert/strict';
import { ApiCredentialAddress } from '#models/api-credential-address.js';
import { tellOfNewAddress } from '#server/identity/new-address.js';
import { HOUR } from '#server/lib/clock.js';
import type { Browser } from '../support/browser.js';
import { call, makeToken, TOKENS } from '../support/credentials.js';
import { contextIn, logged } from '../support/links.js';
import { startPortal, type Portal } from '../support/portal.js';
import { Program } from '../support/program.js';
import { programOf } from '../support/programs.js';

describe('A token that is used from an address for the first time', () => {
  let portal: Portal;
  let uma: Browser;
  before(async () => {
    portal = await startPortal();
    uma = await portal.signedIn('acme/uma');
  });
  after(() => portal.close());

  const told = async (): Promise<number> =>
    (await portal.inbox.mailsTo('uma@acme.example')).filter(({ subject }) => String(subject).includes('new address'))
      .length;

  it('is told of to its owner once for each address beside the first, and marked on its page', async () => {
    const { id, secret } = await makeToken(uma, { name: 'Moves about' });
    const gateway = await programOf(portal, 'acme/olivia');
    const used = (ip: string) => gateway.post('/introspect', new URLSearchParams({ token: secret, ip }).toString());
    await call(portal, '/forward-auth', { Authorization: `Bearer ${secret}` });
    assert.equal(await told(), 0, 'The first is where its program is.');
    await Promise.all([used('203.0.113.7'), used('203.0.113.7'), used('203.0.113.7')]);
    await used('203.0.113.7');
    assert.equal(await told(), 1);
    assert.match((await portal.inbox.newestTo('uma@acme.example')).text, /Moves about.*203\.0\.113\.7/s);
    assert.equal((await logged(portal, 'acme', 'api-credential.new-address')).length, 1);
    assert.match((await uma.open(`${TOKENS}/${id}`)).text, /203\.0\.113\.7[^.]*New/);
    for (let one = 1; one < 10; one += 1) await used(`198.51.100.${one}`);
    assert.equal(await told(), 5, 'A mailbox is not filled by it.');
    portal.clock.move(8 * 24 * HOUR);
    uma = await portal.signedIn('acme/uma');
    assert.doesNotMatch((await uma.open(`${TOKENS}/${id}`)).text, /203\.0\.113\.7[^.]*New/);
  });

  it('is not news where the address was known before such things were kept', async () => {
    const { id } = await makeToken(uma, { name: 'Old one' });
    const context = await contextIn(portal, 'acme');
    const tenantId = context.tenant.id;
    const before = await told();
    for (const ip of ['192.0.2.1', '192.0.2.2'])
      await ApiCredentialAddress.create({ credentialId: id, tenantId, ip, lastUsedAt: 1 });
    await tellOfNewAddress({ ...context, ip: '192.0.2.2' }, { tenantId, credentialId: id, ip: '192.0.2.2' });
    assert.equal(await told(), before);
  });

  it('or has ended, says on its page and in the list who ended it, and why', async () => {
    const own = await makeToken(uma, { name: 'Ended by its owner' });
    await uma.submit(TOKENS, `${TOKENS}/${own.id}/removal`);
    assert.match((await uma.open(`${TOKENS}/${own.id}`)).text, /Ended.*Revoked\s*, by Uma Ndiaye/s);
    const other = await makeToken(uma, { name: 'Ended by another' });
    const adam = await portal.signedIn('acme/adam');
    const _csrf = await adam.csrf('/security');
    await adam.post(`/admin/credentials/${other.id}/removal`, { _csrf });
    assert.match((await uma.open(TOKENS)).text, /Ended by another.*Revoked\s*, by Adam Arslan/s);
    const leaked = await makeToken(uma, { name: 'Left lying about' });
    await new Program(portal).post('/credentials/leaked', { tokens: [leaked.secret] });
    assert.match((await uma.open(`${TOKENS}/${leaked.id}`)).text, /Reported as leaked/);
  });

  it('is found by an administrator who searches for it or its owner, with how many there are', async () => {
    await makeToken(uma, { name: 'Weekly Ledger', allowedIps: '203.0.113.7' });
    const adam = await portal.signedIn('acme/adam');
    const at = async (query: string): Promise<string> => (await adam.open(`/admin/credentials?${query}`)).text;
    assert.match(await at('q=ledger'), /One credential.*Weekly Ledger/s);
    assert.match(await at('q=ledger+ndiaye'), /One credential.*Weekly Ledger/s);
    assert.match(await at('q=ledger+olivia'), /0 credentials/);
    assert.match(await at('q=%25'), /0 credentials/);
    assert.match(await at('q=uma&noAddresses=yes'), /credential.*Moves about/s);
    assert.doesNotMatch(await at('q=uma&noAddresses=yes'), /Weekly Ledger/);
    const program = await programOf(portal, 'acme/adam');
    const { body } = await program.get('/credentials?q=ledger');
    assert.equal((body as { data: unknown[] }).data.length, 1);
    assert.equal((body as { data: { name: string }[] }).data[0]?.name, 'Weekly Ledger');
  });
});
