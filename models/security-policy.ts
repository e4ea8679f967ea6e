import {
  DataTypes,
  Model,
  type CreationOptional,
  type InferAttributes,
  type InferCreationAttributes,
  type Sequelize,
} from 'sequelize';
import type { PasswordRules } from '#policies/password.js';
import type { SecurityPolicy as Policy } from '#policies/security-policy.js';
import { count, flag, options, reference, text, time } from './columns.js';
import type { Question } from './question.js';

/** A tenant's settings, one row each: the values are those of `policies/security-policy.ts`. */
export class SecurityPolicy
  extends Model<InferAttributes<SecurityPolicy>, InferCreationAttributes<SecurityPolicy>>
  implements Policy
{
  declare tenantId: string;
  declare preset: Policy['preset'];
  declare minLength: number;
  declare requireUpper: boolean;
  declare requireLower: boolean;
  declare requireDigit: boolean;
  declare requireSymbol: boolean;
  declare forbidNames: boolean;
  declare forbidCommon: boolean;
  declare minScore: number;
  declare history: number;
  declare maxAgeDays: number;
  declare minAgeHours: number;
  declare changeAtFirstSignIn: boolean;
  declare lockoutThreshold: number;
  declare twoFactor: Policy['twoFactor'];
  declare graceDays: number;
  declare sessionIdleMinutes: number;
  declare sessionMaxHours: number;
  declare maxSessions: number;
  declare stepUpMinutes: number;
  declare tokenMaxMonths: number;
  declare allowPasswordOnApi: boolean;
  declare allowedIps: string;
  declare rememberBrowserDays: CreationOptional<number>;
  /** Since when two-factor authentication has been required of all; 0 when it is not. */
  declare twoFactorSince: CreationOptional<number>;
  declare updatedAt: number;

  static register(sequelize: Sequelize): void {
    SecurityPolicy.init(
      {
        tenantId: { ...reference, primaryKey: true },
        preset: text,
        minLength: count,
        requireUpper: flag,
        requireLower: flag,
        requireDigit: flag,
        requireSymbol: flag,
        forbidNames: flag,
        forbidCommon: flag,
        minScore: count,
        history: count,
        maxAgeDays: count,
        minAgeHours: count,
        changeAtFirstSignIn: flag,
        lockoutThreshold: count,
        twoFactor: text,
        graceDays: count,
        sessionIdleMinutes: count,
        sessionMaxHours: count,
        maxSessions: count,
        stepUpMinutes: count,
        tokenMaxMonths: count,
        allowPasswordOnApi: flag,
        allowedIps: text,
        rememberBrowserDays: { ...count, defaultValue: 0 },
        twoFactorSince: { ...time, defaultValue: 0 },
        updatedAt: time,
      },
      { ...options, sequelize, tableName: 'security_policies' },
    );
  }

  /** The password rules of a tenant, for pages that ask more. */
  static passwordRulesOf(tenantId: string): Question<PasswordRules> {
    const known = passwordColumns();
    return {
      columns: known.map(({ column }) => column),
      sql: `SELECT ${known.map(({ column }) => column).join(', ')} FROM security_policies WHERE tenant_id = $1`,
      bind: [tenantId],
      answer([row]) {
        if (!row) throw new Error('Every tenant has a security policy.');
        const values = known.map(({ name, column, truth }) => [
          name,
          truth ? row[column] === true || row[column] === 1 : row[column],
        ]);
        return Object.fromEntries(values) as unknown as PasswordRules;
      },
    };
  }

  /** The policy of a tenant; every tenant has one. */
  static async of(tenantId: string): Promise<SecurityPolicy> {
    return SecurityPolicy.findByPk(tenantId, { rejectOnEmpty: true });
  }
}

const PASSWORD_RULES = [
  'minLength',
  'requireUpper',
  'requireLower',
  'requireDigit',
  'requireSymbol',
  'forbidNames',
  'forbidCommon',
  'minScore',
  'history',
  'maxAgeDays',
  'minAgeHours',
] as const satisfies (keyof PasswordRules)[];

let columns: { name: keyof PasswordRules; column: string; truth: boolean }[] | undefined;

/** How the columns of the password rules are called in code; SQLite gives 0 and 1 for the true and false ones. */
function passwordColumns() {
  return (columns ??= PASSWORD_RULES.map((name) => {
    const { field = name, type } = SecurityPolicy.getAttributes()[name];
    return { name, column: field, truth: type instanceof DataTypes.BOOLEAN };
  }));
}
