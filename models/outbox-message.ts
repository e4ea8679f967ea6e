import {
  Model,
  type CreationOptional,
  type InferAttributes,
  type InferCreationAttributes,
  type Sequelize,
} from 'sequelize';
import { count, id, optionalReference, optionalText, optionalTime, options, reference, text, time } from './columns.js';

/** One mail, written in the same transaction as what it tells of, delivered by a worker. */
export class OutboxMessage extends Model<InferAttributes<OutboxMessage>, InferCreationAttributes<OutboxMessage>> {
  declare id: CreationOptional<string>;
  declare tenantId: string;
  declare userId: string | null;
  declare event: string;
  declare recipient: string;
  declare subject: string;
  /** JSON of text and HTML, sealed, because it may hold a link; emptied when the mail has gone or is given up. */
  declare sealedBody: string | null;
  declare state: CreationOptional<'queued' | 'sent' | 'failed'>;
  declare tries: CreationOptional<number>;
  declare nextTryAt: number;
  declare lastError: CreationOptional<string | null>;
  declare createdAt: number;
  declare sentAt: CreationOptional<number | null>;

  static register(sequelize: Sequelize): void {
    OutboxMessage.init(
      {
        id,
        tenantId: reference,
        userId: optionalReference,
        event: text,
        recipient: text,
        subject: text,
        sealedBody: optionalText,
        state: { ...text, defaultValue: 'queued' },
        tries: { ...count, defaultValue: 0 },
        nextTryAt: time,
        lastError: optionalText,
        createdAt: time,
        sentAt: optionalTime,
      },
      { ...options, sequelize, tableName: 'outbox_messages' },
    );
  }
}

/** Which mail it is: sealed in with its body. */
export function aboutBody({ id, tenantId }: Pick<OutboxMessage, 'id' | 'tenantId'>): string {
  return `outbox/${tenantId}/${id}`;
}
