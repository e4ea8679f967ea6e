import type { Read } from '#models/database.js';
import type { Context } from '#server/context.js';
import { truth } from './demanded-factor.js';
import { factorKinds, lastingKinds, madeOfKinds, type AskingPolicy, type FactorOwner } from './factor-kind.js';

/** The kinds by which this user can complete a sign-in now: none where the password is all there is. */
export async function factorsOf(user: FactorOwner, policy: AskingPolicy): Promise<string[]> {
  const names: string[] = [];
  for (const { name, asked, has } of lastingKinds()) if (asked(policy) && (await has(user))) names.push(name);
  const standIns = factorKinds().filter(({ standsAlone }) => !standsAlone);
  return names.length === 0 ? [] : [...names, ...standIns.map(({ name }) => name)];
}

const asking = madeOfKinds(
  () => `SELECT p.passkeys, ${lastingKinds()
    .map(({ held }, at) => `${held} AS held_${at}`)
    .join(', ')}
FROM users u JOIN security_policies p ON p.tenant_id = u.tenant_id WHERE u.tenant_id = $1 AND u.id = $2`,
);

/** Whether this user is asked for one at sign-in, as they and the policy are now; in one read. */
export async function isAskedForFactor(
  read: Read,
  { tenantId, id }: Pick<FactorOwner, 'id' | 'tenantId'>,
): Promise<boolean> {
  const [row] = await read(asking(), [tenantId, id]);
  // Of who is gone by now the write that follows finds nobody.
  if (!row) return false;
  const policy = { passkeys: row['passkeys'] as AskingPolicy['passkeys'] };
  return lastingKinds().some(({ asked }, at) => asked(policy) && truth(row[`held_${at}`]));
}

/** Whether the user has a factor that stands alone. */
export async function hasFactor(user: FactorOwner): Promise<boolean> {
  for (const { has } of lastingKinds()) if (await has(user)) return true;
  return false;
}

/** Whether the user has one that stands alone beside those of this kind. */
export async function hasFactorBeside(user: FactorOwner, kind: string): Promise<boolean> {
  for (const { name, has } of lastingKinds()) if (name !== kind && (await has(user))) return true;
  return false;
}

/** Whether the user has one that is typed: codes of an app, or of whatever else makes them. */
export async function hasCodes(user: FactorOwner): Promise<boolean> {
  for (const { typed, has } of lastingKinds()) if (typed && (await has(user))) return true;
  return false;
}

/** Since when the user has had a factor, of the first kind that they have; null for who has none. */
export async function factorSince(user: FactorOwner): Promise<number | null> {
  for (const { since } of lastingKinds()) {
    const at = await since(user);
    if (at !== null) return at;
  }
  return null;
}

/** What `removeCodes` takes of this user, in words: "the authenticator app and the recovery codes"; '' where there is nothing. */
export async function codesInWords(user: FactorOwner): Promise<string> {
  const going: string[] = [];
  let stays = false;
  for (const { label, typed, has } of lastingKinds()) {
    if (!(await has(user))) continue;
    if (typed) going.push(label);
    else stays = true;
  }
  if (going.length === 0) return '';
  for (const { label, standsAlone, has } of factorKinds())
    if (!stays && !standsAlone && (await has(user))) going.push(label);
  const named = going.map((label) => `the ${label}`);
  return named.length === 1 ? named.join() : `${named.slice(0, -1).join(', ')} and ${named.at(-1) ?? ''}`;
}

/** Takes every kind away that is typed, and with the last factor what stands in for it; the state is the caller's to move. Inside a transaction. */
export async function removeCodes(context: Pick<Context, 'now'>, user: FactorOwner): Promise<void> {
  for (const { typed, remove } of lastingKinds()) if (typed) await remove(context, user);
  await dropStandIns(context, user);
}

/** Once the last factor that stands alone is gone, what stands in for it goes too. Inside a transaction. */
export async function dropStandIns(context: Pick<Context, 'now'>, user: FactorOwner): Promise<void> {
  if (await hasFactor(user)) return;
  for (const { standsAlone, remove } of factorKinds()) if (!standsAlone) await remove(context, user);
}
