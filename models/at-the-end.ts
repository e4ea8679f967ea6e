import type { Model, ModelStatic } from 'sequelize';
import { newRow } from './by-hand.js';
import type { Bind } from './database.js';
import type { OneOrMore } from './shared-writes.js';
import { putOff, writeInTransaction, type Line } from './transaction.js';

const lines = new WeakMap<OneOrMore, Line<Bind>>();

function lineOf(texts: OneOrMore): Line<Bind> {
  let line = lines.get(texts);
  if (!line) lines.set(texts, (line = (all) => writeInTransaction(texts.several, [JSON.stringify(all)])));
  return line;
}

/**
 * Writes a row in the running transaction. Of those who share a commit it is one statement for all, at the end of that: so it must be
 * nothing that they ask for before, neither whose it is nor the others. See `inShortTransaction`.
 */
export async function writeAtTheEnd(texts: OneOrMore, bind: Bind): Promise<void> {
  if (!putOff(lineOf(texts), bind)) await writeInTransaction(texts.one, bind);
}

/** Adds a row in the same way, of a table of which nothing is worked out before; gives its values. */
export async function insertRowAtTheEnd<M extends Model>(
  model: ModelStatic<M>,
  values: M['_creationAttributes'],
): Promise<M['_attributes']> {
  const { made, bind, texts } = newRow(model, values);
  await writeAtTheEnd(texts, bind);
  return made;
}
