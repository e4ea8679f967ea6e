import { FormerName } from '#models/former-name.js';
import type { Context } from '#server/context.js';

/** The scope of the short names of organisations; usernames have that of their tenant. */
export const SHORT_NAMES = 'short names';

/** Whoever cannot come back to a name. */
export const NOBODY = '';

/**
 * Keeps a name from passing to somebody else: on servers and in applications behind the portal it may still mean who had
 * it. Inside the transaction in which it is given up.
 */
export async function reserveName(context: Context, scope: string, name: string, heldBy: string): Promise<void> {
  const { keys } = context.services;
  const row = { scope, hash: hashOf(context, scope, name, keys.currentId), keyId: keys.currentId };
  await FormerName.bulkCreate([{ ...row, heldBy, givenUpAt: context.now }], { ignoreDuplicates: true });
}

/** Whether somebody else than `forWhom` once had this name, which is not free yet. */
export async function isReserved(context: Context, scope: string, name: string, forWhom?: string): Promise<boolean> {
  const rows = await FormerName.findAll({ where: { scope, hash: hashesOf(context, scope, name) } });
  return rows.some(({ heldBy }) => heldBy !== forWhom);
}

/** Which of these names somebody once had who gave them up, and which are not free yet. */
export async function reservedAmong(context: Context, scope: string, names: readonly string[]): Promise<string[]> {
  const byHash = new Map(names.flatMap((name) => hashesOf(context, scope, name).map((hash) => [hash, name] as const)));
  const rows = await FormerName.findAll({ where: { scope, hash: [...byHash.keys()] }, attributes: ['hash'] });
  return rows.flatMap(({ hash }) => byHash.get(hash) ?? []);
}

/** Frees a name; true when it was reserved. Inside a write of who may. */
export async function freeName(context: Context, scope: string, name: string): Promise<boolean> {
  return (await FormerName.destroy({ where: { scope, hash: hashesOf(context, scope, name) } })) > 0;
}

function hashesOf(context: Context, scope: string, name: string): string[] {
  return context.services.keys.ids.map((keyId) => hashOf(context, scope, name, keyId));
}

function hashOf({ services }: Context, scope: string, name: string, keyId: string): string {
  return services.keys.mac('former-name', `${scope} ${name}`, keyId);
}
