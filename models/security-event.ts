import {
  Model,
  type CreationOptional,
  type InferAttributes,
  type InferCreationAttributes,
  type Sequelize,
} from 'sequelize';
import { id, optionalReference, optionalText, options, reference, text, time } from './columns.js';

export type Level = 'low' | 'middle' | 'high';
export type Door = 'web' | 'api' | 'cli' | 'job';

/** One row of the security log. Written by `server/trace/record.ts` alone; the database refuses every change. */
export class SecurityEvent extends Model<InferAttributes<SecurityEvent>, InferCreationAttributes<SecurityEvent>> {
  declare id: CreationOptional<string>;
  declare tenantId: string;
  declare seq: number;
  declare at: number;
  declare event: string;
  declare level: Level;
  declare door: Door;
  declare actorId: string | null;
  declare actorTenantId: string | null;
  declare targetType: string | null;
  declare targetId: string | null;
  declare ip: string | null;
  declare client: string | null;
  declare sessionId: string | null;
  declare requestId: string | null;
  declare details: string;
  declare keyId: string;
  declare hash: string;

  static register(sequelize: Sequelize): void {
    SecurityEvent.init(
      {
        id,
        tenantId: reference,
        seq: time,
        at: time,
        event: text,
        level: text,
        door: text,
        actorId: optionalReference,
        actorTenantId: optionalReference,
        targetType: optionalText,
        targetId: optionalReference,
        ip: optionalText,
        client: optionalText,
        sessionId: optionalReference,
        requestId: optionalText,
        details: text,
        keyId: text,
        hash: text,
      },
      { ...options, sequelize, tableName: 'security_events' },
    );
  }
}
