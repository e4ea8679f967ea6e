import { createHash } from 'node:crypto';
import { createReadStream, createWriteStream } from 'node:fs';
import { open, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { Transform } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { createGunzip, createGzip } from 'node:zlib';
import { extract, pack } from 'tar-stream';
import { Conflict, Refusal } from '#server/errors.js';
import { MANIFEST, MANIFEST_MOST, type Manifest } from './manifest.js';

/** Size and SHA-256 of a file. */
export async function measured(file: string, name: string): Promise<Manifest['file']> {
  const hash = createHash('sha256');
  await pipeline(createReadStream(file), hash);
  return { name, size: (await stat(file)).size, sha256: hash.digest('hex') };
}

/** Writes manifest and database into one file, for its owner alone, and lets it be on the disk before it ends. */
export async function packArchive(target: string, manifest: Manifest, database: string): Promise<void> {
  const tar = pack();
  const filled = (async () => {
    const mtime = new Date(manifest.madeAt);
    tar.entry({ name: MANIFEST, mode: 0o600, mtime }, `${JSON.stringify(manifest, null, 2)}\n`);
    const { name, size } = manifest.file;
    await pipeline(createReadStream(database), tar.entry({ name, size, mode: 0o600, mtime }));
    tar.finalize();
  })();
  const written = pipeline(tar, createGzip({ level: 6 }), createWriteStream(target, { flags: 'wx', mode: 0o600 }));
  await Promise.all([filled, written]);
  const file = await open(target, 'r');
  await file.sync();
  await file.close();
}

/**
 * Takes a backup apart: its manifest is read first, and what `sound` says of it decides whether the rest is. The database
 * comes into `folder`, and has been held against its hash when this ends. Gives the manifest.
 */
export async function unpackArchive(
  source: string,
  folder: string,
  sound: (manifest: string) => Manifest,
): Promise<Manifest> {
  const tar = extract();
  let manifest: Manifest | undefined;
  let whole = false;
  const taken = (async () => {
    for await (const entry of tar) {
      const { name } = entry.header;
      if (!manifest) {
        if (name !== MANIFEST || (entry.header.size ?? 0) > MANIFEST_MOST) throw notABackup();
        manifest = sound(await textOf(entry));
      } else {
        // By the name in the manifest, and to where this says: never by a path in the archive.
        if (whole || name !== manifest.file.name) throw notABackup();
        await takeFile(entry, join(folder, 'database'), manifest.file);
        whole = true;
      }
    }
  })();
  try {
    await Promise.all([taken, pipeline(createReadStream(source), createGunzip(), tar)]);
  } catch (error) {
    throw (
      (await taken.then(
        () => null,
        (first: unknown) => (first instanceof Refusal ? first : null),
      )) ?? readFault(error)
    );
  }
  if (!manifest || !whole) throw notABackup();
  return manifest;
}

async function takeFile(
  entry: AsyncIterable<unknown>,
  target: string,
  { size, sha256 }: Manifest['file'],
): Promise<void> {
  const hash = createHash('sha256');
  let seen = 0;
  const counted = new Transform({
    transform(chunk: Buffer, _encoding, done) {
      seen += chunk.length;
      hash.update(chunk);
      done(null, chunk);
    },
  });
  await pipeline(entry, counted, createWriteStream(target, { flags: 'wx', mode: 0o600 }));
  if (seen !== size || hash.digest('hex') !== sha256)
    throw new Conflict(
      'The database in this backup is not the one that was put there: it is damaged. Take another backup.',
    );
}

async function textOf(entry: AsyncIterable<unknown>): Promise<string> {
  const chunks: Buffer[] = [];
  for await (const chunk of entry) chunks.push(chunk as Buffer);
  return Buffer.concat(chunks).toString('utf8');
}

function readFault(error: unknown): Error {
  const { code } = error as NodeJS.ErrnoException;
  if (code === 'ENOSPC' || code === 'EACCES' || code === 'EROFS' || code === 'EIO') return error as Error;
  return notABackup();
}

function notABackup(): Conflict {
  return new Conflict('This is not a backup of Gatehouse, or it is damaged or cut off. Take another one.');
}
