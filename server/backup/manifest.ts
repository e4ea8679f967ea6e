import * as z from 'zod';
import type { Database } from '#models/database.js';
import { migrationNames } from '#models/migrations/index.js';
import type { Services } from '#server/context.js';
import { Conflict } from '#server/errors.js';
import { keyMark } from '#server/keys/known.js';
import { countSealed } from '#server/keys/sealed.js';
import { sameText, type Keyring } from '#server/lib/keyring.js';
import { VERSION } from '#server/lib/project-root.js';

const FORMAT = 1;

const manifestShape = z.strictObject({
  format: z.number(),
  gatehouse: z.string(),
  engine: z.enum(['sqlite', 'postgres']),
  madeAt: z.number(),
  migrations: z.array(z.string()),
  /** Which keys it needs, each with what only that key can have made; never a key. */
  keys: z.array(z.strictObject({ id: z.string(), mark: z.string() })),
  file: z.strictObject({ name: z.string(), size: z.number(), sha256: z.string() }),
  keyId: z.string(),
  /** Over all of the above: who has not the key cannot put another database into a backup. */
  mac: z.string(),
});

/** What a backup says of itself. */
export type Manifest = z.infer<typeof manifestShape>;

export const MANIFEST = 'manifest.json';
export const MANIFEST_MOST = 1_000_000;

/** The name of the database inside a backup. */
export const DATABASE_FILES: Readonly<Record<Database['dialect'], string>> = {
  sqlite: 'gatehouse.sqlite',
  postgres: 'gatehouse.dump',
};

/** The manifest of a backup of this installation, signed with its current key. */
export async function makeManifest(services: Services, madeAt: number, file: Manifest['file']): Promise<Manifest> {
  const { database, keys } = services;
  const needed = new Set([keys.currentId, ...(await countSealed(services)).map(({ keyId }) => keyId)]);
  const unsigned = {
    format: FORMAT,
    gatehouse: VERSION,
    engine: database.dialect,
    madeAt,
    migrations: [...migrationNames()],
    keys: [...needed].filter((id) => keys.has(id)).map((id) => ({ id, mark: keyMark(keys, id) })),
    file,
    keyId: keys.currentId,
  };
  return { ...unsigned, mac: macOf(keys, unsigned) };
}

/** Reads a manifest, and holds it against this version of Gatehouse and these keys. Throws what does not fit, and what to do. */
export function readManifest(text: string, keys: Keyring, keyPlace: string): Manifest {
  const read = manifestShape.safeParse(parsed(text));
  const { format, gatehouse } = z
    .object({ format: z.number().catch(0), gatehouse: z.string().catch('another version') })
    .catch({ format: 0, gatehouse: '' })
    .parse(parsed(text));
  if (format > FORMAT) throw new Conflict(newer(gatehouse));
  if (!read.success) throw new Conflict('This is not a backup of Gatehouse, or it is damaged. Take another one.');
  const manifest = read.data;
  const known = new Set(migrationNames());
  if (manifest.migrations.some((name) => !known.has(name))) throw new Conflict(newer(gatehouse));
  for (const { id, mark } of manifest.keys) {
    if (!keys.has(id))
      throw new Conflict(
        `This backup needs the secret key "${id}", which is not in ${keyPlace}. Put it there from where you keep its copy: no backup holds it.`,
      );
    if (!sameText(mark, keyMark(keys, id)))
      throw new Conflict(
        `The secret key "${id}" in ${keyPlace} is not the one that this backup was made with. Put that one there from where you keep its copy.`,
      );
  }
  const { mac, ...unsigned } = manifest;
  if (!keys.has(manifest.keyId) || !sameText(mac, macOf(keys, unsigned)))
    throw new Conflict('The manifest of this backup was changed after it was made. Take another backup.');
  return manifest;
}

function newer(version: string): string {
  return `This backup was made by Gatehouse ${version}, and has what this version, ${VERSION}, does not know. Install that version, or a later one, and restore it with that.`;
}

function macOf(keys: Keyring, unsigned: Omit<Manifest, 'mac'>): string {
  return keys.mac('backup', JSON.stringify(manifestShape.omit({ mac: true }).parse(unsigned)), unsigned.keyId);
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}
