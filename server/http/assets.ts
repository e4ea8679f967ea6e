import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { RequestHandler, Response } from 'express';
import { acceptedEncoding, type Encoding } from './compress.js';
import { asFile } from './headers.js';

const TYPES: Readonly<Record<string, string>> = {
  css: 'text/css; charset=utf-8',
  js: 'text/javascript; charset=utf-8',
  svg: 'image/svg+xml; charset=utf-8',
  ico: 'image/x-icon',
};
// Nothing else is looked for on the disk: no dot, no way up.
const PATH = /^[a-z]+\/[a-z0-9-]+\.([a-z]+)$/;

interface Asset {
  type: string;
  version: string;
  plain: Buffer;
  small: Partial<Record<Encoding, Buffer>>;
}

export interface Assets {
  /** Gives `/assets/css/x.css?v=…`, whose v changes with the file, so that browsers may keep it for a year. */
  link: (path: string) => string;
  /** Serves the files by their path. */
  serve: RequestHandler;
  /** Serves this one file, whatever the path. */
  file: (path: string) => RequestHandler;
}

/**
 * The files of `folder`, in the smallest spelling that the browser takes. What the build has compressed lies in `built`;
 * where nothing was built they go as they are. `keep`: read each once.
 */
export function createAssets(folder: string, built: string, keep: boolean): Assets {
  const known = new Map<string, Asset>();
  const find = (path: string): Asset | null => {
    const found = known.get(path) ?? readAsset(folder, built, path);
    if (found && keep) known.set(path, found);
    return found;
  };
  const file =
    (pathOf: (path: string) => string): RequestHandler =>
    (req, res, next) => {
      const asset = req.method === 'GET' || req.method === 'HEAD' ? find(pathOf(req.path)) : null;
      if (asset) sendAsset(res, asset);
      else next();
    };
  return {
    link(path) {
      const asset = find(path);
      if (!asset) throw new Error(`There is no ${path} in ${folder}.`);
      return `/assets/${path}?v=${asset.version}`;
    },
    serve: file((path) => path.slice(1)),
    file: (path) => file(() => path),
  };
}

/** What tells one state of a file from another. */
export function versionOf(bytes: Buffer): string {
  return createHash('sha256').update(bytes).digest('hex').slice(0, 12);
}

/** Under which name the build puts the compressed file. With its version: one that is left from before is never served. */
export function compressedName(path: string, version: string, encoding: Encoding): string {
  return `${path}.${version}.${encoding === 'gzip' ? 'gz' : encoding}`;
}

function readAsset(folder: string, built: string, path: string): Asset | null {
  const type = TYPES[PATH.exec(path)?.[1] ?? ''];
  const plain = type === undefined ? null : readIfThere(join(folder, path));
  if (type === undefined || !plain) return null;
  const version = versionOf(plain);
  const small: Asset['small'] = {};
  for (const encoding of ['br', 'gzip'] as const) {
    const bytes = readIfThere(join(built, compressedName(path, version, encoding)));
    if (bytes) small[encoding] = bytes;
  }
  return { type, version, plain, small };
}

function sendAsset(res: Response, { type, version, plain, small: spellings }: Asset): void {
  const { req } = res;
  const encoding = acceptedEncoding(req);
  const small = encoding && spellings[encoding];
  asFile(res);
  // Only our own version is for ever: of another release's we have not the bytes.
  const ours = req.query['v'] === version;
  res.setHeader('Cache-Control', ours ? 'public, max-age=31536000, immutable' : 'public, max-age=300');
  res.vary('Accept-Encoding');
  res.setHeader('ETag', small ? `"${version}-${encoding}"` : `"${version}"`);
  res.setHeader('Content-Type', type);
  if (small) res.setHeader('Content-Encoding', encoding);
  res.send(small ?? plain);
}

function readIfThere(path: string): Buffer | null {
  try {
    return readFileSync(path);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return null;
    throw error;
  }
}
