import { Model, type ModelAttributes, type ModelStatic, type Sequelize } from 'sequelize';
import { options, type Column } from './columns.js';

export type Columns = Readonly<Record<string, Column<unknown>>>;

type ValueOf<One> = One extends Column<infer Value> ? Value : never;
type Given<C extends Columns> = {
  [Name in keyof C]: C[Name] extends { defaultValue: unknown } ? never : null extends ValueOf<C[Name]> ? never : Name;
}[keyof C];

/** What a row of these columns has. */
export type RowOf<C extends Columns> = { -readonly [Name in keyof C]: ValueOf<C[Name]> };

/** What a new row must be given: the rest has a value of its own, or may be empty. */
export type NewRowOf<C extends Columns> = Pick<RowOf<C>, Given<C>> & Partial<RowOf<C>>;

/** What a class of rows has by itself. */
export interface Table {
  /** Ties it to a database, which the model follows from then on. */
  register(sequelize: Sequelize): void;
}

/** What a model extends: the rows of a table, whose columns are said once, for the types and for the database. */
export function table<const C extends Columns>(
  name: string,
  columns: C,
  more: { indexes?: never } & Record<string, unknown> = {},
): ModelStatic<Model<RowOf<C>, NewRowOf<C>> & RowOf<C>> & Table {
  class Rows extends Model {
    static register(sequelize: Sequelize): void {
      this.init(columns as unknown as ModelAttributes, { ...options, ...more, sequelize, tableName: name });
    }
  }
  return Rows as unknown as ModelStatic<Model<RowOf<C>, NewRowOf<C>> & RowOf<C>> & Table;
}
