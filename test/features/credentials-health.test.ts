import assert from 'node:assert/strict';
import { ApiCredential } from '#models/api-credential.js';
import { SecurityPolicy } from '#models/security-policy.js';
import { User } from '#models/user.js';
import { DAY } from '#server/lib/clock.js';
import type { Browser } from '../support/browser.js';
import { startPortal, type Portal } from '../support/portal.js';
import { programOf, tokenFor } from '../support/programs.js';

const PATH = '/admin/credentials';

/** What can be the matter with a credential: the filter that finds it, and what of a good one makes it so. */
const ILLS: Readonly<Record<string, (portal: Portal, id: string) => Promise<unknown>>> = {
  unused: ({ clock }, id) =>
    ApiCredential.update({ createdAt: clock.now() - 95 * DAY, lastUsedAt: clock.now() - 91 * DAY }, { where: { id } }),
  expiring: ({ clock }, id) => ApiCredential.update({ expiresAt: clock.now() + 10 * DAY }, { where: { id } }),
  overPolicy: ({ clock }, id) =>
    ApiCredential.update({ months: 12, expiresAt: clock.now() + 300 * DAY }, { where: { id } }),
  noEnd: (_portal, id) => ApiCredential.update({ expiresAt: null }, { where: { id } }),
  ownerWithoutTwoFactor: ({ idOf }) => User.update({ twoFactor: 'disabled' }, { where: { id: idOf('acme/umar') } }),
  noAddresses: (_portal, id) => ApiCredential.update({ allowedIps: '' }, { where: { id } }),
};

describe('The health of the credentials of an organisation', () => {
  let portal: Portal;
  let audrey: Browser;
  let sick: string;
  beforeEach(async () => {
    portal = await startPortal();
    audrey = await portal.signedIn('acme/audrey');
    // One of each owner, with nothing the matter; the second is made to fall ill.
    await tokenFor(portal, 'acme/uma', { allowedIps: '203.0.113.0/24' });
    sick = (await tokenFor(portal, 'acme/umar', { allowedIps: '203.0.113.0/24' })).id;
    await User.update({ twoFactor: 'active' }, { where: {} });
    await SecurityPolicy.update({ tokenMaxMonths: 6 }, { where: {} });
  });
  afterEach(() => portal.close());

  const found = async (query: string): Promise<string[]> => {
    const page = await audrey.open(`${PATH}?${query}`);
    return page.document.querySelectorAll('tbody td[data-label=Owner] .cell-note').map(({ text }) => text.trim());
  };

  it('is good while nothing is the matter: no filter finds anything', async () => {
    for (const ill of Object.keys(ILLS)) assert.deepEqual(await found(`${ill}=yes`), [], ill);
    assert.equal((await found('')).length, 2);
  });

  for (const [ill, makeSo] of Object.entries(ILLS))
    it(`${ill}: its one filter finds it, no other does, and a program is told the same`, async () => {
      await makeSo(portal, sick);
      for (const filter of Object.keys(ILLS))
        assert.deepEqual(await found(`${filter}=yes`), filter === ill ? ['umar'] : [], filter);
      const program = await programOf(portal, 'acme/audrey', { allowedIps: '127.0.0.0/8' });
      const all = await program.all(`/credentials?${ill}=yes`);
      assert.deepEqual(
        all.map(({ id }) => id),
        [sick],
      );
    });
});
