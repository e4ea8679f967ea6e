import * as z from 'zod';
import type { Column, Columns, TimeColumn, ValueOf } from '#models/columns.js';
import { apiTime, isoTime } from './fields.js';

/** What the API writes of a column: a time as ISO 8601, all else as it is. */
type Written<One> =
  One extends TimeColumn<unknown> ? (null extends ValueOf<One> ? string | null : string) : ValueOf<One>;

/** The columns of a row that an answer has: what the description says of them, and how they are written. */
interface Reply<C extends Columns, Name extends keyof C> {
  shape: { [One in Name]: z.ZodType<Written<C[One]>> };
  asJson: (row: { [One in Name]: ValueOf<C[One]> }) => { [One in Name]: Written<C[One]> };
}

/** Takes these columns of a model for an answer, in this order, with a word on those that need one. */
export function replyOf<C extends Columns, const Name extends keyof C & string>(
  { columns }: { columns: C },
  names: readonly Name[],
  about: Partial<Record<Name, string>> = {},
): Reply<C, Name> {
  const fields = names.map((name) => {
    const { [name]: words } = about;
    const field = fieldOf(columns[name] as Column<unknown>);
    return [name, words === undefined ? field : field.describe(words)];
  });
  return {
    shape: Object.fromEntries(fields) as Reply<C, Name>['shape'],
    asJson: (row) =>
      Object.fromEntries(
        names.map((name) => [name, written(columns[name] as Column<unknown>, row[name])]),
      ) as ReturnType<Reply<C, Name>['asJson']>,
  };
}

function fieldOf(column: Column<unknown>): z.ZodType {
  const field = column.words ? z.enum(column.words) : FIELDS[column.kind];
  return column.allowNull ? field.nullable() : field;
}

const FIELDS = { id: z.uuid(), text: z.string(), flag: z.boolean(), count: z.number(), time: apiTime } as const;

function written({ kind }: Column<unknown>, value: unknown): unknown {
  return kind === 'time' ? isoTime(value as number | null) : value;
}
