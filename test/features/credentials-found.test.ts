import assert from 'node:assert/strict';
import { ApiCredential } from '#models/api-credential.js';
import { SshKey } from '#models/ssh-key.js';
import { User } from '#models/user.js';
import type { TenantContext } from '#server/context.js';
import { countListed } from '#server/features/credentials/count.js';
import type { CredentialFilters } from '#server/features/credentials/orders.js';
import { listCredentials } from '#server/features/credentials/list.js';
import { contextIn } from '../support/links.js';
import { startPortal, type Portal } from '../support/portal.js';
import { tokenFor } from '../support/programs.js';
import { userCalled } from '../support/users.js';

describe('A credential is found by its own name and by those of its owner', () => {
  let portal: Portal;
  let context: TenantContext;
  let token: ApiCredential;
  let key: SshKey;
  before(async () => {
    portal = await startPortal();
    context = await contextIn(portal, 'acme');
    token = await ApiCredential.findByPk((await tokenFor(portal, 'acme/uma')).id, { rejectOnEmpty: true });
    const { id: userId, tenantId } = await userCalled(portal, 'acme/umar');
    const given = { tenantId, userId, type: 'ssh-ed25519', bits: 256, fingerprint: 'SHA256:a', blob: 'b', comment: '' };
    key = await SshKey.create({ ...given, name: 'Läptop im Büro', createdAt: portal.clock.now() });
  });
  after(() => portal.close());

  /** What these words find, which is counted as it is listed, in every order that some of it stands in. */
  const found = async (q: string, filters: CredentialFilters = {}): Promise<string[]> => {
    const { credentials } = await listCredentials(context, { ...filters, q, limit: 200 });
    assert.equal(await countListed(context, { ...filters, q }), credentials.length, q);
    return credentials.map(({ name }) => name).sort();
  };

  it('as both are called now: each word in either, in whatever order, long or short', async () => {
    await token.update({ name: 'Grüße an Ødegård' });
    for (const q of ['grusse', 'odegard uma', 'UMA Grüße', 'an od', 'uma@acme', 'gru'])
      assert.ok((await found(q)).includes('Grüße an Ødegård'), q);
    for (const q of ['laptop', 'buro umar', 'bü LÄP']) assert.deepEqual(await found(q), ['Läptop im Büro'], q);
    for (const q of ['grusse umar', 'laptop uma@acme', 'laptopx']) assert.deepEqual(await found(q), [], q);
    assert.deepEqual(await found('laptop', { noEnd: 'yes' }), ['Läptop im Büro']);
    assert.deepEqual(await found('laptop', { kind: 'token' }), []);
  });

  it('after one of the two has another name', async () => {
    await token.update({ name: 'Nightly' });
    const owner = await User.findByPk(token.userId, { rejectOnEmpty: true });
    await owner.update({ name: 'Quinby Zoltan' });
    assert.deepEqual(await found('nightly zoltan'), ['Nightly']);
    assert.deepEqual(await found('grusse'), []);
    await owner.update({ name: 'Uma User' });
    assert.deepEqual(await found('zoltan'), []);
    assert.deepEqual(await found('nightly user'), ['Nightly']);
  });

  it('and not once it is gone, of which the index keeps nothing', async () => {
    await key.destroy();
    assert.deepEqual(await found('laptop'), []);
    if (portal.database.dialect !== 'sqlite') return;
    const rows = await portal.database.read(
      `SELECT (SELECT COUNT(*) FROM credential_places) AS places, (SELECT COUNT(*) FROM credential_trigrams) AS texts,
       (SELECT COUNT(*) FROM api_credentials) + (SELECT COUNT(*) FROM ssh_keys) AS kept`,
      [],
    );
    const { places, texts, kept } = rows[0] ?? {};
    assert.deepEqual([places, texts], [kept, kept]);
  });

  it('of one organisation, whatever another has', async () => {
    await token.update({ name: 'Shared wording' });
    const elsewhere = await ApiCredential.findByPk((await tokenFor(portal, 'globex/gary')).id, { rejectOnEmpty: true });
    await elsewhere.update({ name: 'Shared wording elsewhere' });
    assert.deepEqual(await found('shared wording'), ['Shared wording']);
  });
});
