import { Op } from 'sequelize';
import { newId } from '#models/columns.js';
import { Role } from '#models/role.js';
import { DEMO_CAST, DEMO_TENANTS, extra } from '#models/seeds/demo.js';
import { learnSizes } from '#models/tables.js';
import { Tenant } from '#models/tenant.js';
import { UserRole } from '#models/user-role.js';
import { User } from '#models/user.js';
import type { PasswordRules } from '#policies/password.js';
import { PASSWORD_FLOOR } from '#policies/password-settings.js';
import { DEFAULT_POLICY } from '#policies/security-policy.js';
import type { Context } from '#server/context.js';
import { Conflict } from '#server/errors.js';
import { recordMany } from '#server/trace/record.js';
import { checkPassword } from '#server/identity/password.js';
import { firstWrite } from '#server/identity/acting.js';
import { ensurePlatform, makeTenant } from '#server/identity/make-tenant.js';
import { addUser } from '#server/identity/add-user.js';
import { addCrowd, type Colleague } from './crowd.js';
import { historyOf } from './history.js';

export interface DemoOptions {
  password: string;
  /** Further users of acme, and further events of its log, for trying things at size. */
  users?: number;
  events?: number;
  /** How many colleagues the cast of acme has, and so how much its log holds of the last ninety days. */
  crowd?: number;
  force?: boolean;
}

export interface DemoUser {
  organization: string;
  username: string;
  role: string;
  id: string;
}

const BATCH = 1000;
/** In ninety days, by each of the crowd. */
const EVENTS_EACH = 35;
const LEAST: PasswordRules = { ...DEFAULT_POLICY, minLength: PASSWORD_FLOOR, forbidNames: false, forbidCommon: false };
const NOBODY = { username: '', email: '', name: '' };

/** Makes the demonstration cast, all with one password. Refused where other tenants live, unless forced. */
export async function seedDemo(
  context: Context,
  { password, users = 0, events = 0, crowd = 0, force = false }: DemoOptions,
): Promise<DemoUser[]> {
  const slugs = DEMO_TENANTS.map(({ slug }) => slug as string);
  if (!force && (await Tenant.count({ where: { slug: { [Op.notIn]: [...slugs, 'platform'] } } })) > 0) {
    throw new Conflict(
      'This database holds other organisations. Use an empty one, or --force to add the demonstration beside them.',
    );
  }
  if ((await Tenant.count({ where: { slug: slugs } })) > 0) throw new Conflict('The demonstration is there already.');
  // For trying things out whatever is typed will do, but for what no organisation could allow.
  await checkPassword(context.services, LEAST, { name: '', slug: '' }, NOBODY, password, 'password');
  const passwordHash = await context.services.passwords.hash(password);
  const cast = await firstWrite(() => addCast(context, passwordHash));
  const acme = await Tenant.findOne({ where: { slug: 'acme' }, rejectOnEmpty: true });
  await addExtras(context, acme.id, users, passwordHash);
  const colleagues = await firstWrite(() => addCrowd(context, acme.id, crowd, passwordHash));
  const people = colleagues.length > 0 ? colleagues : peopleOf(cast, context.now);
  const total = crowd * EVENTS_EACH + events;
  const history = historyOf(people, context.now, total);
  for (let done = 0; done < total; done += BATCH)
    await recordMany(context, acme.id, history(done, Math.min(BATCH, total - done)));
  if (total > BATCH) await learnSizes(context.services.database);
  return cast;
}

async function addCast(context: Context, passwordHash: string): Promise<DemoUser[]> {
  const tenants = new Map<string, Tenant>([['platform', await ensurePlatform(context)]]);
  for (const { slug, name } of DEMO_TENANTS) tenants.set(slug, await makeTenant(context, { slug, name }));
  const added: DemoUser[] = [];
  for (const { organization, username, name, role: key, kind } of DEMO_CAST) {
    const tenant = tenants.get(organization);
    if (!tenant) continue;
    const role = await Role.factory(tenant.id, key);
    const email = `${username}@${organization}.example`;
    const user = await addUser(context, {
      tenantId: tenant.id,
      username,
      name,
      email,
      kind,
      passwordHash: kind === 'person' ? passwordHash : null,
      roleIds: [role.id],
    });
    added.push({ organization, username, role: role.name, id: user.id });
  }
  return added;
}

async function addExtras(context: Context, tenantId: string, count: number, passwordHash: string): Promise<void> {
  const role = await Role.factory(tenantId, 'user');
  for (let done = 0; done < count; done += BATCH) {
    const rows = Array.from({ length: Math.min(BATCH, count - done) }, (_, index) => {
      const { username, name } = extra(done + index);
      return {
        id: newId(),
        tenantId,
        status: 'active' as const,
        username,
        name,
        email: `${username}@acme.example`,
        passwordHash,
        passwordChangedAt: context.now,
        createdAt: context.now,
      };
    });
    await firstWrite(async () => {
      await User.bulkCreate(rows);
      await UserRole.bulkCreate(
        rows.map(({ id }) => ({ tenantId, userId: id, roleId: role.id, grantedAt: context.now })),
      );
    });
    // Else each row that refers to one of them would be looked for among all.
    if (done === 0) await learnSizes(context.services.database);
  }
}

// Without a crowd the events are those of the cast: of people alone, as a service account does not sign in.
function peopleOf(cast: readonly DemoUser[], now: number): Colleague[] {
  return cast
    .filter(({ organization, username }) =>
      DEMO_CAST.some((one) => organization === 'acme' && one.username === username && one.kind === 'person'),
    )
    .map(({ id }) => ({ id, createdAt: now, present: true }));
}
