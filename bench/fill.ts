import { ApiCredential } from '#models/api-credential.js';
import type { Database } from '#models/database.js';
import { OutboxMessage } from '#models/outbox-message.js';
import { Passkey } from '#models/passkey.js';
import { Role } from '#models/role.js';
import { Session } from '#models/session.js';
import { SshKey } from '#models/ssh-key.js';
import { learnSizes } from '#models/tables.js';
import { Tenant } from '#models/tenant.js';
import { countAnew, miscounted } from '#models/user-counts.js';
import { UserRole } from '#models/user-role.js';
import { User } from '#models/user.js';
import { loadConfig } from '#server/config.js';
import { createLog } from '#server/lib/log.js';
import { openServices } from '#server/services.js';
import { credentialOf, keyOf, kindOf, mailOf, passkeyOf, sessionOf, stateOf } from './filled.js';
import type { Place } from './place.js';

const BATCH = 1000;

/**
 * Gives the crowd of a demonstration what people have after years: states, sign-ins, second factors, roles, sessions, mails,
 * and as many credentials as people: of every ten eight for programs, and two SSH keys. The same at each size, in shares.
 */
export async function fill(place: Place): Promise<void> {
  const services = await openServices(loadConfig(place), createLog('silent'));
  try {
    const { id: tenantId } = await Tenant.findOne({ where: { slug: 'acme' }, rejectOnEmpty: true });
    const found = await User.findAll({
      where: { tenantId },
      attributes: ['id', 'username'],
      order: ['createdAt', 'id'],
    });
    const crowd = found.filter(({ username }) => /\d$/.test(username)).map(({ id }) => id);
    const now = services.clock.now();
    const engineers = await rolesFor(tenantId, now);
    for (let from = 0; from < crowd.length; from += BATCH) {
      const ids = crowd.slice(from, from + BATCH);
      await services.database.sequelize.transaction(async (transaction) => {
        const within = { transaction };
        for (let kind = 0; kind < 20; kind += 1)
          await User.update(stateOf(kind, from, now), {
            ...within,
            where: { tenantId, id: ids.filter((_id, at) => kindOf(from + at) === kind) },
            hooks: false,
          });
        const numbered = ids.map((userId, at) => ({ tenantId, userId, number: from + at }));
        const make = <One>(every: number, one: (row: (typeof numbered)[number]) => One): One[] =>
          numbered.filter(({ number }) => number % every === 1).map(one);
        await UserRole.bulkCreate(
          make(50, (row) => ({ ...row, roleId: engineers.programmers })),
          within,
        );
        await UserRole.bulkCreate(
          make(200, (row) => ({ ...row, roleId: engineers.helpers })),
          within,
        );
        await Passkey.bulkCreate(
          make(20, (row) => passkeyOf(row, now)),
          within,
        );
        await Session.bulkCreate(
          make(4, (row) => sessionOf(row, now)),
          within,
        );
        await OutboxMessage.bulkCreate(
          make(2, (row) => mailOf(row, now)),
          within,
        );
        const isKey = ({ number }: { number: number }): boolean => number % 5 === 2;
        await ApiCredential.bulkCreate(
          numbered.filter((row) => !isKey(row)).map((row) => credentialOf(row, engineers.user, now)),
          within,
        );
        await SshKey.bulkCreate(
          numbered.filter(isKey).map((row) => keyOf(row, now)),
          within,
        );
      });
    }
    await learnSizes(services.database);
    await settle(services.database);
  } finally {
    await services.database.close();
  }
}

/** What jobs do within an hour, and a server of PostgreSQL by itself, unless it is told not to: rows that are no more are gone. */
async function settle(database: Database): Promise<void> {
  if ((await miscounted(database)) > 0) throw new Error('What is kept of users is not what there is of them.');
  await countAnew(database);
  if (database.dialect === 'postgres') await database.sequelize.query('VACUUM (ANALYZE)');
}

async function rolesFor(tenantId: string, createdAt: number) {
  const passkeys = { requiresPhishingResistant: true, phishingResistantSince: createdAt };
  const programmers = await Role.create({ tenantId, name: 'Programmers', createdAt, ...passkeys });
  const helpers = await Role.create({
    tenantId,
    name: 'Helpers',
    createdAt,
    permissions: '["users:read","users:write"]',
  });
  const { id: user } = await Role.factory(tenantId, 'user');
  return { programmers: programmers.id, helpers: helpers.id, user };
}
