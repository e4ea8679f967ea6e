import assert from 'node:assert/strict';
import { ApiCredential } from '#models/api-credential.js';
import { PolicyEntry } from '#models/policy-entry.js';
import { Role } from '#models/role.js';
import { User } from '#models/user.js';
import type { Permission } from '#policies/permissions.js';
import { effectivePermissions } from '#policies/roles.js';
import { offeredBy, permissionAt } from '../support/offered.js';
import { startPortal, type Portal } from '../support/portal.js';
import { giveRoles, roleWith, tokenFor } from '../support/programs.js';
import { addSomebody } from '../support/users.js';

/** Roles of an organisation's own: one that looks, and three of which each may do one thing besides. */
const OWN: Readonly<Record<string, readonly Permission[]>> = {
  looker: ['users:read', 'roles:read', 'credentials:read', 'policy:read'],
  revoker: ['users:read', 'credentials:read', 'credentials:revoke'],
  shaper: ['users:read', 'roles:read', 'roles:write'],
  setter: ['policy:read', 'policy:write'],
};

describe('What somebody may not do has no button, on the pages of roles, tokens, credentials and the policy', () => {
  let portal: Portal;
  let paths: string[];
  before(async () => {
    portal = await startPortal();
    await tokenFor(portal, 'acme/uma');
    const { id } = await tokenFor(portal, 'acme/robo');
    const robo = portal.idOf('acme/robo');
    const { tenantId } = await ApiCredential.findByPk(id, { rejectOnEmpty: true });
    const entry = await PolicyEntry.findOne({ where: { tenantId }, rejectOnEmpty: true });
    for (const [name, permissions] of Object.entries(OWN)) {
      const role = await roleWith(portal, 'acme', permissions, { name });
      await giveRoles(await addSomebody(portal, `acme/${name}`, 'user'), [role]);
    }
    const roles = await Role.findAll({ where: { tenantId } });
    paths = [
      ...['/admin/roles', '/admin/roles/new', ...roles.map((one) => `/admin/roles/${one.id}`)],
      ...['/admin/credentials', '/admin/credentials?kind=token', `/admin/users/${robo}`],
      ...[`/admin/users/${robo}/tokens`, `/admin/users/${robo}/tokens/${id}`, `/admin/users/${robo}/tokens/new`],
      ...['/admin/security-policy', '/admin/security-policy/history', `/admin/security-policy/history/${entry.id}`],
      ...['/admin/approvals', '/security/tokens', '/security/tokens/new'],
    ];
  });
  after(() => portal.close());

  for (const who of ['olivia', 'adam', 'audrey', ...Object.keys(OWN)])
    it(who, async () => {
      const user = await User.findOne({ where: { username: who }, include: 'roles', rejectOnEmpty: true });
      const held: ReadonlySet<string> = effectivePermissions(user.roles ?? []);
      const browser = await portal.signedIn(`acme/${who}`);
      const faults: string[] = [];
      let offered = 0;
      for (const path of paths) {
        const page = await browser.get(path);
        const word = permissionAt('get', path);
        if (word !== '' && !held.has(word)) assert.equal(page.status, 403, path);
        for (const { to, permission } of page.status === 200 ? offeredBy(page.document, page.path) : []) {
          offered += 1;
          if (!held.has(permission)) faults.push(`${path}: ${to} needs ${permission}`);
        }
      }
      assert.deepEqual([...new Set(faults)], []);
      assert.ok(offered > 0, 'It looked at something.');
    });
});
