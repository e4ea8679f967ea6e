import { DataTypes } from 'sequelize';
import { v7 } from 'uuid';

/** A fresh UUIDv7 (RFC 9562): sorts by the time it was made. */
export function newId(): string {
  return v7();
}

export const id = { type: DataTypes.STRING(36), primaryKey: true, defaultValue: newId };
export const reference = { type: DataTypes.STRING(36), allowNull: false };
export const optionalReference = { type: DataTypes.STRING(36), allowNull: true };
export const text = { type: DataTypes.TEXT, allowNull: false };
export const optionalText = { type: DataTypes.TEXT, allowNull: true };
export const flag = { type: DataTypes.BOOLEAN, allowNull: false, defaultValue: false };
export const count = { type: DataTypes.INTEGER, allowNull: false };
/** Milliseconds since 1970, UTC: one shape on both engines, and no time zone to get wrong. */
export const time = { type: DataTypes.BIGINT, allowNull: false };
export const optionalTime = { type: DataTypes.BIGINT, allowNull: true };

/** What every table here has in common. */
export const options = { underscored: true, timestamps: false } as const;
