import { DataTypes, Model, type DataType, type ModelAttributes, type ModelStatic, type Sequelize } from 'sequelize';
import { v7 } from 'uuid';

/** A fresh UUIDv7 (RFC 9562): sorts by the time it was made. */
export function newId(): string {
  return v7();
}

export type ColumnKind = 'id' | 'text' | 'flag' | 'count' | 'time';

/** A column whose values are of this type. */
export interface Column<Value> {
  readonly type: DataType;
  readonly allowNull: boolean;
  readonly primaryKey?: boolean;
  /** How the API writes it. */
  readonly kind: ColumnKind;
  /** The only values there are. */
  readonly words?: readonly string[];
  /** Only for the types: no column has it. */
  readonly valueType?: Value;
}

/** A column of moments. */
export interface TimeColumn<Value> extends Column<Value> {
  readonly kind: 'time';
}

/** One that a new row need not be given. */
export interface FilledColumn<Value> extends Column<Value> {
  readonly defaultValue: Value | (() => Value);
}

export const id: FilledColumn<string> = {
  kind: 'id',
  type: DataTypes.STRING(36),
  allowNull: false,
  primaryKey: true,
  defaultValue: newId,
};
export const reference: Column<string> = { kind: 'id', type: DataTypes.STRING(36), allowNull: false };
export const optionalReference: Column<string | null> = { kind: 'id', type: DataTypes.STRING(36), allowNull: true };
export const text: Column<string> = { kind: 'text', type: DataTypes.TEXT, allowNull: false };
export const optionalText: Column<string | null> = { kind: 'text', type: DataTypes.TEXT, allowNull: true };
export const flag: FilledColumn<boolean> = {
  kind: 'flag',
  type: DataTypes.BOOLEAN,
  allowNull: false,
  defaultValue: false,
};
export const count: Column<number> = { kind: 'count', type: DataTypes.INTEGER, allowNull: false };
export const optionalCount: Column<number | null> = { kind: 'count', type: DataTypes.INTEGER, allowNull: true };
/** Milliseconds since 1970, UTC: one shape on both engines, and no time zone to get wrong. */
export const time: TimeColumn<number> = { kind: 'time', type: DataTypes.BIGINT, allowNull: false };
export const optionalTime: TimeColumn<number | null> = { kind: 'time', type: DataTypes.BIGINT, allowNull: true };

/** A column that holds one of a few words, which `policies/` has. */
export function of<const Word extends string>(words: readonly Word[]): Column<Word> {
  return { kind: 'text', type: DataTypes.TEXT, allowNull: false, words };
}

/** The same, which may be empty. */
export function optionally<const Word extends string>(words: readonly Word[]): Column<Word | null> {
  return { kind: 'text', type: DataTypes.TEXT, allowNull: true, words };
}

export function withDefault<Value>(column: Column<Value>, defaultValue: NoInfer<Value>): FilledColumn<Value> {
  return { ...column, defaultValue };
}

/** A column of the primary key. */
export function key<Of extends Column<unknown>>(column: Of): Of {
  return { ...column, primaryKey: true };
}

/** What every table here has in common. */
const options = { underscored: true, timestamps: false } as const;

export type Columns = Readonly<Record<string, Column<unknown>>>;

export type ValueOf<One> = One extends Column<infer Value> ? Value : never;
type Given<C extends Columns> = {
  [Name in keyof C]: C[Name] extends { defaultValue: unknown } ? never : null extends ValueOf<C[Name]> ? never : Name;
}[keyof C];

/** What a row of these columns has. */
type RowOf<C extends Columns> = { -readonly [Name in keyof C]: ValueOf<C[Name]> };

/** What a new row must be given: the rest has a value of its own, or may be empty. */
type NewRowOf<C extends Columns> = Pick<RowOf<C>, Given<C>> & Partial<RowOf<C>>;

/** What a class of rows has by itself. */
interface Table<C extends Columns> {
  /** What it is made of. */
  readonly columns: C;
  /** Ties it to a database, which the model follows from then on. */
  register(sequelize: Sequelize): void;
  /** The same for another database of the same kind: what has been worked out of the columns stays. */
  follow(sequelize: Sequelize): void;
}

/**
 * What a model extends: the rows of a table, whose columns are said once, for the types and for the database. `workOut`
 * fills the columns that follow from others, before each row is saved.
 */
export function table<const C extends Columns>(
  name: string,
  columns: C,
  workOut?: (row: RowOf<C>) => void,
): ModelStatic<Model<RowOf<C>, NewRowOf<C>> & RowOf<C>> & Table<C> {
  const one = (row: Model): void => workOut?.(row as unknown as RowOf<C>);
  // Not beforeValidate: what that sets, an update by `save()` would leave out.
  const hooks = workOut ? { beforeSave: one, beforeBulkCreate: (rows: readonly Model[]) => rows.forEach(one) } : {};
  class Rows extends Model {
    static readonly columns = columns;
    static register(sequelize: Sequelize): void {
      this.init(columns as unknown as ModelAttributes, { ...options, hooks, sequelize, tableName: name });
    }
    static follow(sequelize: Sequelize): void {
      Object.assign(this, { sequelize });
      sequelize.modelManager.addModel(this);
    }
  }
  return Rows as unknown as ModelStatic<Model<RowOf<C>, NewRowOf<C>> & RowOf<C>> & Table<C>;
}
