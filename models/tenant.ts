import type { NonAttribute } from 'sequelize';
import { TENANT_STATES } from '#policies/enumerations.js';
import { id, of, optionalTime, table, text, time, withDefault } from './columns.js';

export const PLATFORM_SLUG = 'platform';

/** An organisation. Owns everything else; another tenant's rows do not exist for it. */
export class Tenant extends table('tenants', {
  id,
  slug: text,
  name: text,
  status: withDefault(of(TENANT_STATES), 'active'),
  colour: withDefault(text, 'blue'),
  signInMessage: withDefault(text, ''),
  createdAt: time,
  suspendedAt: optionalTime,
}) {
  get isPlatform(): NonAttribute<boolean> {
    return this.slug === PLATFORM_SLUG;
  }
}
