import type { Row } from '#models/database.js';
import { aboutPersonKey, LogPersonKey } from '#models/log-person-key.js';
import type { SecurityEvent } from '#models/security-event.js';
import type { Context, Services } from '#server/context.js';
import { newOwnKey, openOwn, sealOwn } from '#server/lib/own-seal.js';
import { objectIn } from '#server/lib/json-object.js';
import { isChange } from './details.js';
import type { Happening } from './record.js';

/** What stands in the place of what named somebody, once their account is gone. */
const REMOVED = 'removed with the account';

/** What in a row about a user are words of theirs, whoever writes it: their names, and what they call things of their own. */
const NAMING = ['name', 'username', 'email', 'about'];

/** Which details of a row about a user are to be sealed; none where it is about something else. */
export function personalIn({ target, details = {}, personal = [] }: Happening): string[] {
  if (target?.type !== 'user') return [];
  return [...NAMING, ...personal].filter((field) => isChange(details[field]) || typeof details[field] === 'string');
}

/** A value as it is kept: an object, which nothing that somebody types can be. */
interface Sealed {
  sealed: string;
}

/** The key of this user for what names them in the log; made when it is first needed. Inside the write. */
export async function personKey({ services, now }: Context, tenantId: string, userId: string): Promise<string> {
  const { keys } = services;
  const whose = { tenantId, userId };
  const about = aboutPersonKey(whose);
  const find = () => LogPersonKey.findOne({ where: whose });
  let kept = await find();
  if (!kept) {
    const one = { ...whose, sealedKey: keys.seal(newOwnKey(), about), createdAt: now };
    await LogPersonKey.bulkCreate([one], { ignoreDuplicates: true });
    kept = await find();
  }
  if (!kept) throw new Error('There is no such user, and so no key of theirs.');
  return keys.open(kept.sealedKey, about);
}

/** The details of a row with these fields sealed: each a value, or what it was and is. */
export function sealFields(
  ownKey: string,
  rowId: string,
  details: Readonly<Record<string, unknown>>,
  fields: readonly string[],
): Record<string, unknown> {
  const sealedOf = (value: unknown, where: string): unknown =>
    typeof value === 'string' && value !== '' ? { sealed: sealOwn(ownKey, value, `${rowId}/${where}`) } : value;
  return Object.fromEntries(
    Object.entries(details).map(([field, value]) => {
      if (!fields.includes(field)) return [field, value];
      if (!isChange(value)) return [field, sealedOf(value, field)];
      return [field, { from: sealedOf(value.from, `${field}/from`), to: sealedOf(value.to, `${field}/to`) }];
    }),
  );
}

/**
 * The same rows with what is sealed in their details opened, for whoever may read the log: it is about the target of the
 * row. Of who is gone it says so. `rows` are of one tenant, and have `id`, `target_id` and `details`.
 */
export async function withPersons<R extends Row>(
  { keys }: Pick<Services, 'keys'>,
  tenantId: string,
  rows: readonly R[],
): Promise<R[]> {
  const sealed = rows.filter((row) => String(row['details']).includes('{"sealed":"'));
  if (sealed.length === 0) return [...rows];
  const ids = [...new Set(sealed.map((row) => String(row['target_id'])))];
  const kept = await LogPersonKey.findAll({ where: { tenantId, userId: ids } });
  const own = new Map(kept.map((one) => [one.userId, keys.open(one.sealedKey, aboutPersonKey(one))]));
  return rows.map((row) =>
    sealed.includes(row)
      ? { ...row, details: opened(String(row['details']), String(row['id']), own.get(String(row['target_id']))) }
      : row,
  );
}

/** The details of one row, opened in the same way. */
export async function detailsWithPersons(
  services: Pick<Services, 'keys'>,
  { tenantId, id, targetId, details }: Pick<SecurityEvent, 'tenantId' | 'id' | 'targetId' | 'details'>,
): Promise<string> {
  const [row] = await withPersons(services, tenantId, [{ id, target_id: targetId, details }]);
  return row?.details ?? details;
}

function opened(json: string, rowId: string, ownKey: string | undefined): string {
  const details = objectIn(json);
  if (details === null) return json;
  const open = (value: unknown, where: string): unknown => {
    if (!isSealed(value)) return value;
    if (ownKey === undefined) return REMOVED;
    try {
      return openOwn(ownKey, value.sealed, `${rowId}/${where}`);
    } catch {
      // A row that somebody has tampered with is still shown.
      return 'cannot be opened';
    }
  };
  const entries = Object.entries(details).map(([field, value]) =>
    isChange(value)
      ? [field, { from: open(value.from, `${field}/from`), to: open(value.to, `${field}/to`) }]
      : [field, open(value, field)],
  );
  return JSON.stringify(Object.fromEntries(entries));
}

function isSealed(value: unknown): value is Sealed {
  return typeof value === 'object' && value !== null && typeof (value as Partial<Sealed>).sealed === 'string';
}
