import {
  Model,
  type CreationOptional,
  type InferAttributes,
  type InferCreationAttributes,
  type Sequelize,
} from 'sequelize';
import { id, options, reference, text, time } from './columns.js';

/** A form that came too late after the last sign-in: kept, sealed, until its sender has confirmed who they are. */
export class KeptForm extends Model<InferAttributes<KeptForm>, InferCreationAttributes<KeptForm>> {
  declare id: CreationOptional<string>;
  declare tenantId: string;
  declare userId: string;
  declare sessionId: string;
  declare path: string;
  declare sealedFields: string;
  declare createdAt: number;

  static register(sequelize: Sequelize): void {
    KeptForm.init(
      {
        id,
        tenantId: reference,
        userId: reference,
        sessionId: reference,
        path: text,
        sealedFields: text,
        createdAt: time,
      },
      { ...options, sequelize, tableName: 'kept_forms' },
    );
  }
}

/** Whose form it is: sealed in with its fields. */
export function aboutKeptForm({ id, userId }: Pick<KeptForm, 'id' | 'userId'>): string {
  return `kept-form/${userId}/${id}`;
}
