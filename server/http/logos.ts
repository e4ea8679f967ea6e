import type { RequestHandler } from 'express';
import { TenantLogo } from '#models/tenant-logo.js';
import type { Services } from '#server/context.js';
import { asFile } from './headers.js';

const NAME = /^[\w-]{43}\.(png|webp)$/;

/**
 * Serves the logos of organisations, to whoever has the name of one: it stands in the pages that show it, and tells nobody
 * else which organisations there are. Another picture has another name, so browsers may keep it.
 */
export function logos({ database }: Services): RequestHandler<{ name: string }> {
  return async (req, res, next) => {
    const { name } = req.params;
    const [, type] = NAME.exec(name) ?? [];
    const bytes = type === undefined ? null : await TenantLogo.named(database, name);
    if (type === undefined || !bytes) {
      next();
      return;
    }
    asFile(res);
    res.setHeader('Cache-Control', 'public, max-age=31536000, immutable');
    res.setHeader('Content-Type', `image/${type}`);
    res.end(bytes);
  };
}
