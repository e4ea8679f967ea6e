import assert from 'node:assert/strict';
import { ApiCredential } from '#models/api-credential.js';
import { OutboxMessage } from '#models/outbox-message.js';
import { Role } from '#models/role.js';
import { Tenant } from '#models/tenant.js';
import type { Browser } from '../support/browser.js';
import { startPortal, type Portal } from '../support/portal.js';
import { tokenFor } from '../support/programs.js';
import { userCalled } from '../support/users.js';

const NAME = 'Ødegård Straße İpek Æbler *100%_[x]';
/** The same, as people type, paste and remember it. */
const FOUND = [
  'ødegård',
  'ODEGARD',
  'Ｏdega\u030ard',
  '\u200bØDEGÅRD\u00a0',
  'strasse',
  'STRAẞE',
  'straße',
  'ipek',
  'İPEK',
  'ıpek',
  'aebler',
  'æBLER',
  'gård Stra',
  '*100%_[x]',
  '%_[',
];
const NOT_FOUND = ['%gard', '_degard', '*degard', '[a-z]degard', '.degard', 'odegardx', '\\', "'", '"'];

describe('Every search', () => {
  let portal: Portal;
  let olivia: Browser;
  let opal: Browser;
  before(async () => {
    portal = await startPortal();
    [olivia, opal] = await Promise.all(
      ['acme/olivia', 'platform/opal'].map((who) => portal.signedIn(who)) as [Promise<Browser>, Promise<Browser>],
    );
    const { id, tenantId } = await userCalled(portal, 'acme/uma');
    const token = await tokenFor(portal, 'acme/umar');
    await (await ApiCredential.findByPk(token.id, { rejectOnEmpty: true })).update({ name: NAME });
    await olivia.submit(`/admin/users/${id}`, `/admin/users/${id}`, { name: NAME });
    await Role.update({ description: NAME }, { where: { id: (await Role.factory(tenantId, 'auditor')).id } });
    await OutboxMessage.update({ subject: NAME }, { where: { tenantId } });
    await Tenant.update({ name: NAME }, { where: { slug: 'globex' } });
  });
  after(() => portal.close());

  for (const [path, shown] of [
    ['/admin/users', /Ødegård/],
    ['/admin/roles', /Auditor/],
    ['/admin/credentials', /Ødegård/],
    ['/admin/mail', /Ødegård/],
    ['/admin/security-log', /Ødegård|details/],
    ['/platform/tenants', /globex/],
  ] as const) {
    it(`${path} finds what is meant, in every case and composition, with and without marks, and nothing by the signs of a pattern`, async () => {
      const browser = path.startsWith('/platform') ? opal : olivia;
      const rows = async (q: string): Promise<string> => {
        const page = await browser.get(`${path}?q=${encodeURIComponent(q)}`);
        assert.equal(page.status, 200, q);
        return page.document
          .querySelectorAll('tbody tr, main li')
          .map(({ text }) => text)
          .join(' ');
      };
      for (const q of FOUND) assert.match(await rows(q), shown, `${path} ${JSON.stringify(q)}`);
      for (const q of NOT_FOUND) assert.doesNotMatch(await rows(q), shown, `${path} ${JSON.stringify(q)}`);
    });
  }
});
