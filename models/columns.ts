import { DataTypes, type DataType } from 'sequelize';
import { v7 } from 'uuid';

/** A fresh UUIDv7 (RFC 9562): sorts by the time it was made. */
export function newId(): string {
  return v7();
}

/** A column whose values are of this type. */
export interface Column<Value> {
  readonly type: DataType;
  readonly allowNull: boolean;
  readonly primaryKey?: boolean;
  /** Only for the types: no column has it. */
  readonly valueType?: Value;
}

/** One that a new row need not be given. */
export interface FilledColumn<Value> extends Column<Value> {
  readonly defaultValue: Value | (() => Value);
}

export const id: FilledColumn<string> = {
  type: DataTypes.STRING(36),
  allowNull: false,
  primaryKey: true,
  defaultValue: newId,
};
export const reference: Column<string> = { type: DataTypes.STRING(36), allowNull: false };
export const optionalReference: Column<string | null> = { type: DataTypes.STRING(36), allowNull: true };
export const text: Column<string> = { type: DataTypes.TEXT, allowNull: false };
export const optionalText: Column<string | null> = { type: DataTypes.TEXT, allowNull: true };
export const flag: FilledColumn<boolean> = { type: DataTypes.BOOLEAN, allowNull: false, defaultValue: false };
export const count: Column<number> = { type: DataTypes.INTEGER, allowNull: false };
export const optionalCount: Column<number | null> = { type: DataTypes.INTEGER, allowNull: true };
/** Milliseconds since 1970, UTC: one shape on both engines, and no time zone to get wrong. */
export const time: Column<number> = { type: DataTypes.BIGINT, allowNull: false };
export const optionalTime: Column<number | null> = { type: DataTypes.BIGINT, allowNull: true };

/** A column that holds only some of what it could: a few words. */
export function of<Value>(column: Column<Value extends string ? string : Value>): Column<Value> {
  return column as Column<unknown> as Column<Value>;
}

export function withDefault<Value>(column: Column<Value>, defaultValue: NoInfer<Value>): FilledColumn<Value> {
  return { ...column, defaultValue };
}

/** A column of the primary key. */
export function key<Of extends Column<unknown>>(column: Of): Of {
  return { ...column, primaryKey: true };
}

/** What every table here has in common. */
export const options = { underscored: true, timestamps: false } as const;
