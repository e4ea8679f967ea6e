import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import express, { type RequestHandler } from 'express';

/** Gives `/assets/css/x.css?v=…`, whose v changes with the file, so that browsers may keep it for a year. */
export function createAssetLinks(folder: string, keep: boolean): (path: string) => string {
  const links = new Map<string, string>();
  return (path) => {
    let link = links.get(path);
    if (link === undefined) {
      const version = createHash('sha256')
        .update(readFileSync(join(folder, path)))
        .digest('hex')
        .slice(0, 12);
      link = `/assets/${path}?v=${version}`;
      if (keep) links.set(path, link);
    }
    return link;
  };
}

/** Serves the files of the folder; kept for long only when asked for by version. */
export function assets(folder: string): RequestHandler {
  return express.static(folder, {
    index: false,
    redirect: false,
    dotfiles: 'ignore',
    cacheControl: false,
    setHeaders(res) {
      const versioned = res.req.query['v'] !== undefined;
      res.setHeader('Cache-Control', versioned ? 'public, max-age=31536000, immutable' : 'public, max-age=300');
    },
  });
}
