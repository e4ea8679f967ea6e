import type { PasswordRules } from '#policies/password.js';
import { PASSWORD_SETTINGS } from '#policies/password-settings.js';
import { POLICY_PRESETS } from '#policies/enumerations.js';
import type { Setting } from '#policies/setting.js';
import { POLICY_FIELDS, settingOf, type PolicyField, type PolicyValues } from '#policies/settings.js';
import { type Column, count, flag, key, of, reference, table, text, time, withDefault } from './columns.js';
import type { Question } from './question.js';

const KINDS: Readonly<Record<Setting['kind'], Column<number> | Column<boolean> | Column<string>>> = {
  number: count,
  flag,
  choice: text,
  addresses: text,
};

const values = Object.fromEntries(POLICY_FIELDS.map((field) => [field, KINDS[settingOf(field).kind]])) as {
  [Field in PolicyField]: Column<PolicyValues[Field]>;
};

/** A tenant's security policy, one row each: a column for each setting. */
export class SecurityPolicy extends table('security_policies', {
  tenantId: key(reference),
  preset: of(POLICY_PRESETS),
  ...values,
  /** Since when two-factor authentication has been required of all; 0 when it is not. */
  twoFactorSince: withDefault(time, 0),
  /** Since when nobody signs in with a password; 0 when people may. */
  passwordForbiddenSince: withDefault(time, 0),
  updatedAt: time,
}) {
  /** The password rules of a tenant, for pages that ask more. */
  static passwordRulesOf(tenantId: string): Question<PasswordRules> {
    const { known, columns, sql } = (asked ??= passwordQuestion());
    return {
      columns,
      sql,
      bind: [tenantId],
      answer([row]) {
        if (!row) throw new Error('Every tenant has a security policy.');
        const rules = known.map(({ name, column, truth }) => [
          name,
          truth ? row[column] === true || row[column] === 1 : row[column],
        ]);
        return Object.fromEntries(rules) as unknown as PasswordRules;
      },
    };
  }

  /** The policy of a tenant; every tenant has one. */
  static async of(tenantId: string): Promise<SecurityPolicy> {
    return SecurityPolicy.findByPk(tenantId, { rejectOnEmpty: true });
  }
}

/** How many months an API credential of this tenant may last. */
export async function mostMonths(tenantId: string): Promise<number> {
  return (await SecurityPolicy.of(tenantId)).tokenMaxMonths;
}

let asked: ReturnType<typeof passwordQuestion> | undefined;

/** How the columns of the password rules are called in code; SQLite gives 0 and 1 for the true and false ones. */
function passwordQuestion() {
  const known = (Object.keys(PASSWORD_SETTINGS) as (keyof PasswordRules)[]).map((name) => {
    const { field = name } = SecurityPolicy.getAttributes()[name];
    return { name, column: field, truth: PASSWORD_SETTINGS[name].kind === 'flag' };
  });
  const columns = known.map(({ column }) => column);
  return { known, columns, sql: `SELECT ${columns.join(', ')} FROM security_policies WHERE tenant_id = $1` };
}
