import assert from 'node:assert/strict';
import { COMMAND_LINE } from '#policies/actor.js';
import { contextWithoutRequest, type TenantContext } from '#server/context.js';
import { wholeOf } from '#server/cli/print-file.js';
import { exportCredentials } from '#server/features/credentials/export.js';
import { exportAsked } from '#server/features/security-log/asked.js';
import { exportTenant } from '#server/features/tenants/export.js';
import { removeTenant } from '#server/features/tenants/remove.js';
import { exportUsers } from '#server/features/users/export.js';
import { contextIn } from '../support/links.js';
import { startPortal, type Portal } from '../support/portal.js';

type Begin = (inside: TenantContext) => Promise<AsyncIterable<string>> | AsyncIterable<string>;

const FILES: Record<string, Begin> = {
  'user export': (inside) => exportUsers(inside, { q: '' }),
  'token export': (inside) => exportCredentials(inside, {}),
  'tenant export': async (inside) => (await exportTenant({ ...inside, tenant: null }, inside.tenant.id)).begin(),
  'log export': async (inside) => (await exportAsked(inside, 'jsonl', { q: '', sort: 'newest' })).begin(),
};

describe('A file that the command line prints breaks off where its organisation is removed meanwhile', () => {
  let portal: Portal;
  beforeEach(async () => {
    portal = await startPortal();
  });
  afterEach(() => portal.close());

  for (const [name, begin] of Object.entries(FILES))
    it(name, async () => {
      const { tenant } = await contextIn(portal, 'globex');
      const inside = contextWithoutRequest(portal.services, COMMAND_LINE, 'cli', tenant) as TenantContext;
      let whole = '';
      for await (const part of wholeOf(tenant, await begin(inside))) whole += part;
      assert.ok(whole.length > 0);
      const parts = wholeOf(tenant, await begin(inside));
      await parts.next();
      await removeTenant({ ...inside, tenant: null }, tenant.id, tenant.slug);
      await assert.rejects(async () => {
        while ((await parts.next()).done !== true);
      }, /removed while it was being read/);
    });
});
