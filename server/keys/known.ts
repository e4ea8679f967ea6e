import { KnownKey } from '#models/known-key.js';
import { SecurityLogHead } from '#models/security-log-head.js';
import { PLATFORM_SLUG, Tenant } from '#models/tenant.js';
import type { Context, Services } from '#server/context.js';
import { Conflict } from '#server/errors.js';
import { sameText } from '#server/lib/keyring.js';
import { headIsSound } from '#server/trace/chain.js';
import { countSealed } from './sealed.js';

type Tell = (context: Context, platform: Tenant, key: string) => Promise<void>;

/**
 * Holds the keys of this installation against those that its database was made with, and notes the new ones. Throws when
 * they do not belong together: nobody could sign in with a code, and what is written would fit neither.
 */
export async function holdKeys(context: Context, tell: Tell): Promise<void> {
  const fault = await keyFault(context.services);
  if (fault !== null) throw new Conflict(fault);
  await noteKeys(context, tell);
}

/** Why these keys do not belong to this database, and what to do; null when they do. Changes nothing. */
export async function keyFault(services: Services): Promise<string | null> {
  const { config, keys } = services;
  const where = config.secretKeyFile ?? 'SECRET_KEY';
  const otherwise = 'or let DATABASE_URL or DATA_DIR name the database that belongs to these keys.';
  const known = await KnownKey.findAll();
  const other = known.find(({ id, mac }) => keys.has(id) && !sameText(mac, keyMark(keys, id)));
  const stranger =
    known.length === 0 ? !(await mayHaveWrittenLog(services)) : !known.some(({ id }) => keys.ids.includes(id));
  if (other || stranger)
    return `The secret key "${other?.id ?? keys.currentId}" in ${where} is not the one that this database was made with. Put that one back from where you keep its copy, ${otherwise}`;

  const retired = known.find(({ id, retiredAt }) => id === keys.currentId && retiredAt !== null);
  const current = known.find(({ retiredAt }) => retiredAt === null);
  if (retired && current)
    return `The secret key "${retired.id}" in ${where} was retired, and "${current.id}" took its place. Put "${current.id}" before it, ${otherwise}`;

  const missing = (await countSealed(services)).filter(
    ({ keyId }) => known.some(({ id }) => id === keyId) && !keys.has(keyId),
  );
  const [first] = missing;
  if (first)
    return `The secret key "${first.keyId}" is not in ${where}, and ${missing.map(({ count, called }) => `${count} ${called}`).join(', ')} can only be opened with it. Put it back, as a retired one after the current key, ${otherwise}`;
  return null;
}

/** Notes which keys there are, and which of them are retired from now on; tells when another is current. */
export async function noteKeys(context: Context, tell: Tell): Promise<void> {
  const { services, now } = context;
  // As they are now: to ask the ring for a key that it does not have makes it read its file again.
  const { keys } = services;
  const { currentId, ids } = keys;
  const known = new Map((await KnownKey.findAll()).map((key) => [key.id, key]));
  const added = ids
    .filter((id) => !known.has(id))
    .map((id) => ({
      id,
      mac: keyMark(keys, id),
      currentSince: now,
      retiredAt: id === currentId ? null : now,
    }));
  // One that is not in our ring may be newer: then it is we who are late.
  const retired = [...known.values()]
    .filter(({ id, retiredAt }) => id !== currentId && ids.includes(id) && retiredAt === null)
    .map(({ id }) => id);
  if (added.length === 0 && retired.length === 0) return;
  await KnownKey.note(added, retired, now, async (noted) => {
    const platform = await Tenant.findOne({ where: { slug: PLATFORM_SLUG } });
    if (platform && known.size > 0 && noted.includes(currentId)) await tell(context, platform, currentId);
  });
}

/** What only the key of this name can have made. */
export function keyMark(keys: Services['keys'], id: string): string {
  return keys.mac('key-check', id, id);
}

// A database from before keys were noted: the heads of its logs tell. Whoever forged one has not forged all.
async function mayHaveWrittenLog({ keys }: Services): Promise<boolean> {
  const heads = await SecurityLogHead.findAll();
  return heads.length === 0 || heads.some((head) => headIsSound(keys, head));
}
