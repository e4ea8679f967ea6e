import {
  Model,
  type CreationOptional,
  type InferAttributes,
  type InferCreationAttributes,
  type Sequelize,
} from 'sequelize';
import { count, id, optionalTime, options, reference, text, time } from './columns.js';
import type { Question } from './question.js';

/** A public SSH key of a user. */
export class SshKey extends Model<InferAttributes<SshKey>, InferCreationAttributes<SshKey>> {
  declare id: CreationOptional<string>;
  declare tenantId: string;
  declare userId: string;
  declare name: string;
  declare type: string;
  declare bits: number;
  /** `SHA256:…`, as `ssh-keygen -lf` prints it. */
  declare fingerprint: string;
  /** The key itself, base64. */
  declare blob: string;
  declare comment: string;
  declare createdAt: number;
  declare expiresAt: CreationOptional<number | null>;
  declare lastUsedAt: CreationOptional<number | null>;
  /** Nobody could tell whether the owner had added it: no server is given it until they put it back. */
  declare suspendedAt: CreationOptional<number | null>;

  static register(sequelize: Sequelize): void {
    SshKey.init(
      {
        id,
        tenantId: reference,
        userId: reference,
        name: text,
        type: text,
        bits: count,
        fingerprint: text,
        blob: text,
        comment: text,
        createdAt: time,
        expiresAt: optionalTime,
        lastUsedAt: optionalTime,
        suspendedAt: optionalTime,
      },
      { ...options, sequelize, tableName: 'ssh_keys' },
    );
  }
  /** How many keys the user has. */
  static countOf(user: { id: string; tenantId: string }): Question<number> {
    return {
      columns: ['keys'],
      sql: 'SELECT COUNT(*) AS keys FROM ssh_keys WHERE tenant_id = $1 AND user_id = $2',
      bind: [user.tenantId, user.id],
      answer: ([row]) => Number(row?.['keys']),
    };
  }
}
