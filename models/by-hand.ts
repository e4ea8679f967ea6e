import { DataTypes, type Model, type ModelStatic } from 'sequelize';
import type { Bind, Database, Row } from './database.js';
import { asOneText, makerOf } from './rows-as-json.js';
import type { OneOrMore } from './shared-writes.js';
import { isInTransaction, readInTransaction, readNow, writeInTransaction } from './transaction.js';

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
  const known = fieldsOf(model);
  const whole = row[`row_${as}`];
  const values =
    typeof whole === 'string'
      ? (JSON.parse(whole) as Row[string][])
      : known.map(({ column }) => row[`${as}_${column}`] ?? null);
  let found = false;
  for (const [at, { flag }] of known.entries()) {
    const value = values[at] ?? null;
    if (value === null) continue;
    found = true;
    if (flag) values[at] = value === true || value === 1;
  }
  return found ? asRead(model, values) : null;
}

/** The rows of a table, `as` in the query around, of the tenant $1 in which this column has a value of the list $2, which is JSON. */
export function fromValues(dialect: Database['dialect'], table: string, as: string, column: string): string {
  return dialect === 'sqlite'
    ? `FROM json_each($2) listed CROSS JOIN ${table} ${as} ON ${as}.tenant_id = $1 AND ${as}.${column} = listed.value`
    : `FROM (SELECT * FROM ${table} WHERE tenant_id = $1 AND ${column} = ANY (ARRAY(SELECT json_array_elements_text($2::json)))) ${as}`;
}

/** The rows of a table of the tenant in which this column has one of these values, each of which is named once. */
export async function rowsWith<M extends Model>(
  database: Pick<Database, 'dialect' | 'read'>,
  model: ModelStatic<M>,
  tenantId: string,
  column: string,
  values: readonly string[],
): Promise<M[]> {
  if (values.length === 0) return [];
  const { dialect } = database;
  const from = fromValues(dialect, model.getTableName() as string, 't', column);
  const sql = `SELECT ${wholeRow(dialect, model, 't')} ${from}`;
  const rows = await readNow(database)(sql, [tenantId, JSON.stringify(values)]);
  return rows.flatMap((row) => rowOf(model, 't', row) ?? []);
}

const makers = new Map<ModelStatic<Model>, ReturnType<typeof makerOf>>();

// As `build` gives a row that was read, which copies its values twice, name by name: dearer than reading them was.
function asRead<M extends Model>(model: ModelStatic<M>, values: readonly Row[string][]): M {
  let make = makers.get(model);
  if (!make) makers.set(model, (make = makerOf(fieldsOf(model).map(({ name }) => name))));
  return Object.assign(Object.create(model.prototype as object) as M, {
    dataValues: make(values),
    _previousDataValues: make(values),
    uniqno: 1,
    _changed: new Set<string>(),
    _options: { isNewRecord: false, _schema: null, _schemaDelimiter: '', raw: true },
    isNewRecord: false,
  });
}

/** Some columns of a table, of which no row of the model is made: `columns` stand in a query, `valuesOf` reads them from its rows. */
export interface Told<Values> {
  columns: string;
  valuesOf: (row: Row) => Values;
}

/** These columns as one value, `as` in the query around. What Sequelize makes of a row that it reads costs more than it took to find it. */
export function told<M extends Model, const Name extends keyof M['_attributes'] & string>(
  dialect: Database['dialect'],
  model: ModelStatic<M>,
  as: string,
  names: readonly Name[],
): Told<Pick<M['_attributes'], Name>> {
  const known = new Map(fieldsOf(model).map((field) => [field.name, field]));
  const asked = names.flatMap((name) => known.get(name) ?? []);
  const columns = asked.map(({ column }) => column);
  const flags = asked.filter(({ flag }) => flag).map(({ name }) => name);
  const qualified = columns.map((column) => `${as}.${column}`);
  const make = makerOf(names);
  return {
    columns: `${asOneText(dialect, qualified)} AS told_${as}`,
    valuesOf: (row) => {
      const values = make(JSON.parse(String(row[`told_${as}`])) as Row[string][]);
      // SQLite has numbers for them.
      for (const flag of flags) values[flag] = Boolean(values[flag]);
      return values as Pick<M['_attributes'], Name>;
    },
  };
}

const inserts = new Map<ModelStatic<Model>, OneOrMore>();

/** A new row of a table of which nothing is worked out before: its values, and what adds it. */
export function newRow<M extends Model>(
  model: ModelStatic<M>,
  values: M['_creationAttributes'],
): { made: M['_attributes']; bind: Bind; texts: OneOrMore } {
  const [known, given] = [fieldsOf(model), values as Record<string, unknown>];
  const made: Record<string, unknown> = {};
  for (const { name, first } of known) made[name] = given[name] === undefined ? first() : given[name];
  let texts = inserts.get(model);
  if (!texts) {
    const into = `INSERT INTO ${model.getTableName() as string} (${known.map(({ column }) => column).join(', ')})`;
    const one = `${into} VALUES (${known.map((_, place) => `$${place + 1}`).join(', ')})`;
    const several = `${into} SELECT ${known.map((_, place) => `value ->> ${place}`).join(', ')} FROM json_each($1)`;
    inserts.set(model, (texts = { one, several }));
  }
  const bind = known.map(({ name }) => made[name] as Bind[number]);
  return { made: made as M['_attributes'], bind, texts };
}

/** Adds a row, of a table of which nothing is worked out before; gives its values. */
export async function insertRow<M extends Model>(
  model: ModelStatic<M>,
  values: M['_creationAttributes'],
): Promise<M['_attributes']> {
  if (!isInTransaction()) return (await model.create(values)).get() as M['_attributes'];
  const { made, bind, texts } = newRow(model, values);
  await writeInTransaction(texts.one, bind);
  return made;
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
