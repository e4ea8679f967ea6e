import { DataTypes, type Model, type ModelStatic } from 'sequelize';
import type { Bind, Database, Row } from './database.js';
import { asOneText } from './rows-as-json.js';
import { isInTransaction, readInTransaction, writeInTransaction } from './transaction.js';

// Sequelize costs as much as a small statement itself, and one that it writes has its values in its text, so that it is planned
// anew each time. A sign-in makes a dozen: these are its reads of several tables at once, and its new rows.

interface Field {
  name: string;
  column: string;
  flag: boolean;
  /** What a new row has where it is given nothing. */
  first: () => unknown;
}

const fields = new Map<ModelStatic<Model>, readonly Field[]>();

function fieldsOf(model: ModelStatic<Model>): readonly Field[] {
  let known = fields.get(model);
  if (!known) {
    known = Object.entries(model.getAttributes()).map(([name, { field = name, type, defaultValue = null }]) => ({
      ...{ name, column: field },
      flag: type instanceof DataTypes.BOOLEAN,
      first: typeof defaultValue === 'function' ? (defaultValue as () => unknown) : () => defaultValue as unknown,
    }));
    fields.set(model, known);
  }
  return known;
}

/** The columns of a table, `as` in the query around, for `rowOf`. */
export function columnsOf(model: ModelStatic<Model>, as: string): string {
  return fieldsOf(model)
    .map(({ column }) => `${as}.${column} AS ${as}_${column}`)
    .join(', ');
}

/** All columns of a table, `as` in the query around, as one value for `rowOf`: each by itself costs a crossing. */
export function wholeRow(dialect: Database['dialect'], model: ModelStatic<Model>, as: string): string {
  const columns = fieldsOf(model).map(({ column }) => `${as}.${column}`);
  return `${asOneText(dialect, columns)} AS row_${as}`;
}

/** The row of that table in what was read; null where a left join found none. */
export function rowOf<M extends Model>(model: ModelStatic<M>, as: string, row: Row): M | null {
  const whole = row[`row_${as}`];
  const given = typeof whole === 'string' ? (JSON.parse(whole) as unknown[]) : null;
  const values: Record<string, unknown> = {};
  let found = false;
  for (const [at, { name, column, flag }] of fieldsOf(model).entries()) {
    const value = (given ? given[at] : row[`${as}_${column}`]) ?? null;
    if (value !== null) found = true;
    values[name] = flag && value !== null ? value === true || value === 1 : value;
  }
  return found ? model.build(values as never, { raw: true, isNewRecord: false }) : null;
}

const inserts = new Map<ModelStatic<Model>, string>();

/** Adds a row, of a table of which nothing is worked out before; gives its values. */
export async function insertRow<M extends Model>(
  model: ModelStatic<M>,
  values: M['_creationAttributes'],
): Promise<M['_attributes']> {
  if (!isInTransaction()) return (await model.create(values)).get() as M['_attributes'];
  const known = fieldsOf(model);
  const given = values as Record<string, unknown>;
  const made: Record<string, unknown> = {};
  for (const { name, first } of known) made[name] = given[name] === undefined ? first() : given[name];
  let sql = inserts.get(model);
  if (sql === undefined) {
    const places = known.map((_, place) => `$${place + 1}`).join(', ');
    const columns = known.map(({ column }) => column).join(', ');
    inserts.set(model, (sql = `INSERT INTO ${model.getTableName() as string} (${columns}) VALUES (${places})`));
  }
  await writeInTransaction(
    sql,
    known.map(({ name }) => made[name] as Bind[number]),
  );
  return made as M['_attributes'];
}

/** Changes the rows that have just these values, of a table of which nothing is worked out before; gives how many. Inside a transaction. */
export async function updateRows<M extends Model>(
  model: ModelStatic<M>,
  values: Partial<M['_attributes']>,
  where: Partial<M['_attributes']>,
): Promise<number> {
  const bind = [values, where].flatMap((given) => Object.values(given) as Bind[number][]);
  const columns = new Map(fieldsOf(model).map(({ name, column }) => [name, column]));
  const equals = (names: readonly string[], first: number): string[] =>
    names.map((name, at) => `${columns.get(name) ?? name} = $${first + at}`);
  const set = equals(Object.keys(values), 1);
  const found = equals(Object.keys(where), set.length + 1);
  const table = model.getTableName() as string;
  const sql = `UPDATE ${table} SET ${set.join(', ')} WHERE ${found.join(' AND ')} RETURNING 1 AS changed`;
  return (await readInTransaction(sql, bind)).length;
}
