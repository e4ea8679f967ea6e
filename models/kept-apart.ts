import { canonicalEmail, canonicalName, canonicalUsername } from '#policies/names.js';
import { Role } from './role.js';
import { Tenant } from './tenant.js';
import { User } from './user.js';

/**
 * The names and addresses that fold like another of their organisation and are still known by what they were compared by
 * before, each in a sentence: somebody has to rename one of the two.
 */
export async function keptApart(): Promise<string[]> {
  const slugs = new Map((await Tenant.findAll({ attributes: ['id', 'slug'] })).map(({ id, slug }) => [id, slug]));
  const users = await User.findAll({ attributes: ['tenantId', 'username', 'usernameKey', 'email', 'emailKey'] });
  const roles = await Role.findAll({ attributes: ['tenantId', 'name', 'nameKey'] });
  const told = (tenantId: string, what: string): string => `In ${slugs.get(tenantId) ?? tenantId}, ${what}`;
  return [
    ...users.flatMap(({ tenantId, username, usernameKey, email, emailKey }) => [
      ...(usernameKey === canonicalUsername(username)
        ? []
        : [told(tenantId, `the username ${username} folds like another. Rename one of the two.`)]),
      ...(email === '' || emailKey === canonicalEmail(email)
        ? []
        : [told(tenantId, `the e-mail address ${email} is that of another user, too. Change one of the two.`)]),
    ]),
    ...roles
      .filter(({ name, nameKey }) => nameKey !== canonicalName(name))
      .map(({ tenantId, name }) => told(tenantId, `the role ${name} folds like another. Rename one of the two.`)),
  ];
}
