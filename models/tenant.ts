import type { NonAttribute } from 'sequelize';
import { TENANT_STATES } from '#policies/enumerations.js';
import {
  count,
  flag,
  id,
  of,
  optionalReference,
  optionalText,
  optionalTime,
  table,
  text,
  time,
  withDefault,
} from './columns.js';

export const PLATFORM_SLUG = 'platform';

/** An organisation. Owns everything else; another tenant's rows do not exist for it. */
export class Tenant extends table('tenants', {
  id,
  slug: text,
  name: text,
  status: withDefault(of(TENANT_STATES), 'active'),
  /** A name of the list in `policies/brand.ts`, or `#0f766e`. */
  colour: withDefault(text, 'blue'),
  /** The name under which its logo is served: not to be guessed, and another for each picture. */
  logo: optionalText,
  signInMessage: withDefault(text, ''),
  /** For how many days somebody who deletes their own account can take that back; 0: it goes at once. */
  accountRemovalDays: withDefault(count, 0),
  /** What whoever is new gets, unless it is chosen otherwise; no role is the factory's for users. */
  defaultRoleId: optionalReference,
  defaultLocale: withDefault(text, 'en'),
  defaultTimeZone: withDefault(text, 'UTC'),
  defaultMustChangePassword: withDefault(flag, true),
  defaultMustSetUpTwoFactor: flag,
  createdAt: time,
  suspendedAt: optionalTime,
}) {
  /** The address of its logo, from the root of the portal; null where it has none. */
  get logoPath(): NonAttribute<string | null> {
    return this.logo && `/logos/${this.logo}`;
  }

  get isPlatform(): NonAttribute<boolean> {
    return this.slug === PLATFORM_SLUG;
  }
}
