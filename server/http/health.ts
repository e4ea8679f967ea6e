import type { RequestHandler } from 'express';
import type { Services } from '#server/context.js';

/** The process lives. */
export const healthz: RequestHandler = (_req, res) => {
  res.json({ status: 'ok' });
};

/** The process can serve: the database answers. */
export function readyz({ database }: Services): RequestHandler {
  return async (_req, res) => {
    try {
      await database.sequelize.query('SELECT 1 FROM tenants LIMIT 1', { transaction: null });
      res.json({ status: 'ok' });
    } catch {
      res.status(503).json({ status: 'unavailable' });
    }
  };
}
