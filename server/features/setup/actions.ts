import { newId } from '#models/columns.js';
import { Role } from '#models/role.js';
import { SetupCode } from '#models/setup-code.js';
import { Tenant } from '#models/tenant.js';
import { slugProblem } from '#policies/names.js';
import { DEFAULT_POLICY } from '#policies/security-policy.js';
import { SYSTEM } from '#policies/actor.js';
import type { Context, Services } from '#server/context.js';
import { Invalid, NotFound } from '#server/errors.js';
import { hashToken, randomToken } from '#server/lib/random-token.js';
import { record } from '#server/trace/record.js';
import { checkTypedTwice, type TypedTwice } from '#server/identity/password.js';
import { firstWrite } from '#server/identity/acting.js';
import { ensurePlatform, makeTenant } from '#server/identity/make-tenant.js';
import { addUser } from '#server/identity/add-user.js';

export interface FirstStart extends TypedTwice {
  organization: string;
  slug: string;
  name: string;
  username: string;
  email: string;
}

/** Prints the one-time link while nobody has set Gatehouse up; each start makes a new code, and the old one is void. */
export async function printSetupLink(services: Services): Promise<void> {
  if ((await Tenant.count()) > 0) return;
  const code = randomToken();
  await SetupCode.upsert({ id: 1, codeHash: hashToken(code), createdAt: services.clock.now(), usedAt: null });
  process.stdout.write(
    `\nGatehouse is new here. Open this link once, to make your organisation and your account:\n\n  ${services.config.baseUrl}/setup/${code}\n\n`,
  );
}

/** Throws `NotFound` unless this is the code of a Gatehouse that has not been set up. */
export async function demandSetupCode(code: string): Promise<void> {
  const found = await SetupCode.findOne({ where: { codeHash: hashToken(code), usedAt: null } });
  if (!found || (await Tenant.count()) > 0)
    throw new NotFound(
      'This set-up link has been used, or a newer one was made. Start Gatehouse again to see the newest, or sign in.',
    );
}

/** Makes the first organisation with its owner, and the operator in the platform. Once: of two at the same moment, one is refused. */
export async function setUp(context: Context, code: string, given: FirstStart): Promise<void> {
  const { services } = context;
  await demandSetupCode(code);
  const problem = slugProblem(given.slug);
  if (problem !== null) throw Invalid.field('slug', problem);
  await checkTypedTwice(services, DEFAULT_POLICY, { name: given.organization, slug: given.slug }, given, given);
  const passwordHash = await services.passwords.hash(given.newPassword);
  await firstWrite(async () => {
    const [taken] = await SetupCode.update(
      { usedAt: context.now },
      { where: { codeHash: hashToken(code), usedAt: null } },
    );
    if (taken !== 1 || (await Tenant.count()) > 0)
      throw new NotFound('This set-up link has just been used. Sign in with the account that was made.');
    for (const key of ['owner', 'operator'] as const) {
      // Whoever opened the link did all of it: the log of each home names the account that they have there.
      const id = newId();
      const inside: Context = { ...context, actor: { ...SYSTEM, id } };
      const home =
        key === 'owner'
          ? await makeTenant(inside, { slug: given.slug, name: given.organization })
          : await ensurePlatform(inside);
      const role = await Role.factory(home.id, key);
      const { username, name, email } = given;
      await addUser(inside, {
        id,
        tenantId: home.id,
        username,
        name,
        email,
        passwordHash,
        roleIds: [role.id],
      });
      await record(inside, { event: 'setup.completed', tenantId: home.id, target: { type: 'user', id } });
    }
  });
}
