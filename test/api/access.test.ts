import assert from 'node:assert/strict';
import { newId } from '#models/columns.js';
import { Role } from '#models/role.js';
import { PERMISSIONS, TENANT_PERMISSIONS, type Permission } from '#policies/permissions.js';
import { apiRoutes } from '#server/features/api.js';
import { MINUTE } from '#server/lib/clock.js';
import type { ApiRoute } from '#server/api/route.js';
import { contextIn } from '../support/links.js';
import { startPortal, type Portal } from '../support/portal.js';
import { bearer, generateFor, personWith, roleWith, tokenFor, withApiKey, withBasic } from '../support/programs.js';
import { Program, type Reply } from '../support/program.js';
import { wordOf } from '../support/routes.js';

const PLATFORM = new Set<Permission>(['tenants:read', 'tenants:write']);

/** What a bearer token is told that is good, but may do too little (RFC 6750, 3.1). */
const TOO_NARROW = 'Bearer realm="Gatehouse", error="insufficient_scope"';
const NO_BEARERS = ['X-API-Key', 'Basic'];

/** The same rights by every way that a credential can be sent. */
type Ways = Record<string, Program>;

describe('Every call of the API is open to the credentials its access names, and to no other', () => {
  let portal: Portal;
  const having = new Map<Permission, Ways>();
  const lacking = new Map<Permission, Ways>();
  let narrowed: Program;
  before(async () => {
    portal = await startPortal();
    for (const { name: permission } of PERMISSIONS) {
      const slug = permission.replace(':', '-');
      if (PLATFORM.has(permission)) {
        // No other role holds these: who has one of them has both, but for tokens.
        const others = PERMISSIONS.map(({ name }) => name).filter((name) => name !== permission);
        const { id } = (await contextIn(portal, 'platform')).tenant;
        having.set(permission, await waysOf(`platform/has-${slug}`, await Role.factory(id, 'operator'), [permission]));
        lacking.set(permission, {
          ...(await waysOf(`platform/lacks-${slug}`, await roleWith(portal, 'platform', TENANT_PERMISSIONS))),
          Scopes: bearer(portal, (await tokenFor(portal, 'platform/opal', { scopes: others })).secret),
        });
        continue;
      }
      const others = TENANT_PERMISSIONS.filter((name) => name !== permission);
      having.set(permission, await waysOf(`acme/has-${slug}`, await roleWith(portal, 'acme', [permission])));
      lacking.set(permission, await waysOf(`acme/lacks-${slug}`, await roleWith(portal, 'acme', others)));
    }
    narrowed = bearer(portal, (await tokenFor(portal, 'acme/audrey', { scopes: ['users:read'] })).secret);
  });
  after(() => portal.close());

  async function waysOf(who: string, role: Role, scopes: readonly Permission[] | null = null): Promise<Ways> {
    await personWith(portal, who, role);
    const token = (await tokenFor(portal, who, { scopes })).secret;
    return {
      Bearer: bearer(portal, token),
      'X-API-Key': withApiKey(portal, token),
      'the API key': bearer(portal, await generateFor(portal, who, 'key')),
      Basic: withBasic(portal, who, await generateFor(portal, who, 'password')),
    };
  }

  for (const route of apiRoutes) {
    it(`${route.method.toUpperCase()} ${route.path}: ${wordOf(route)}`, async () => {
      portal.clock.move(MINUTE);
      await asNobody(route);
      if (route.access.who !== 'permitted') {
        for (const [way, program] of Object.entries(having.get('tokens:create')!)) await isOpen(route, program, way);
        const reply = await ask(route, narrowed);
        if (route.access.who === 'wholeCredential') {
          const said = [reply.status, reply.code, reply.headers['www-authenticate']];
          assert.deepEqual(said, [403, 'forbidden', TOO_NARROW], 'A token that is limited to some permissions');
        } else assert.notEqual(reply.status, 403);
        return;
      }
      const { permission } = route.access;
      for (const [way, program] of Object.entries(having.get(permission)!)) await isOpen(route, program, way);
      for (const [way, program] of Object.entries(lacking.get(permission)!)) {
        const { status, code, body, headers } = await ask(route, program);
        assert.deepEqual([status, code], [403, 'forbidden'], `${way} without ${permission}`);
        assert.ok(String(body['detail']).includes(permission), 'It says which permission is missing.');
        const challenge = NO_BEARERS.includes(way) ? undefined : `${TOO_NARROW}, scope="${permission}"`;
        assert.equal(headers['www-authenticate'], challenge, way);
      }
    });
  }

  async function asNobody(route: ApiRoute): Promise<void> {
    const { status, code, headers } = await ask(route, new Program(portal));
    if (route.access.who === 'anyone') {
      assert.ok(![401, 403].includes(status), String(status));
      return;
    }
    assert.deepEqual([status, code], [401, 'invalid_credentials']);
    const basic = ', Basic realm="Gatehouse", charset="UTF-8"';
    const offered = route.access.who === 'credentialOrSession' ? '' : basic;
    assert.equal(headers['www-authenticate'], `Bearer realm="Gatehouse"${offered}`);
    const wrong = await ask(route, bearer(portal, 'ght_wrong'));
    assert.equal(wrong.headers['www-authenticate'], `Bearer realm="Gatehouse", error="invalid_token"${basic}`);
  }

  async function isOpen(route: ApiRoute, program: Program, way: string): Promise<void> {
    const { status, text } = await ask(route, program);
    assert.ok(![401, 403, 415].includes(status) && status < 500, `${way} got ${status} ${text}`);
  }

  // Ids that nobody has, and bodies that lack what is needed: who may is asked before all else.
  function ask({ method, path, body, bodyType }: ApiRoute, program: Program): Promise<Reply> {
    const to = path.replace(/:(\w+)/g, (_, name: string) => (name === 'id' ? newId() : 'nobody'));
    return program.send(method, to, body ? (bodyType === 'form' ? 'token=x' : {}) : undefined);
  }
});
