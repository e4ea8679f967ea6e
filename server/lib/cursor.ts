import type { Keyring } from './keyring.js';

export type CursorValue = string | number | null;

/**
 * A cursor: the values that the last row of a page was sorted by. Sealed, because an address ends up in histories and
 * logs, where the names of people have no place; and what comes back is what we gave, of this very list.
 */
export function sealCursor(keys: Keyring, list: string, values: readonly CursorValue[]): string {
  return keys.seal(JSON.stringify(values), `cursor ${list}`);
}

/** Those values again; null when this list never gave such a cursor. */
export function openCursor(keys: Keyring, list: string, cursor: string): CursorValue[] | null {
  try {
    return JSON.parse(keys.openCurrent(cursor, `cursor ${list}`)) as CursorValue[];
  } catch {
    return null;
  }
}
