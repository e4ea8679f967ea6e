import type { RequestHandler } from 'express';
import type { Services } from '#server/context.js';
import { takesNoWrites } from '#server/health/database.js';
import { canWrite } from '#server/health/disk.js';

/** The process lives. */
export const healthz: RequestHandler = (_req, res) => {
  res.json({ status: 'ok' });
};

/** The process can serve: the database answers, and what is to be kept can be written. Who looks after it has a page for the rest. */
export function readyz({ config, database }: Services): RequestHandler {
  return async (_req, res) => {
    try {
      await database.sequelize.query('SELECT 1 FROM tenants LIMIT 1', { transaction: null });
      const unwritten = await takesNoWrites(database);
      if (unwritten !== null) throw new Error(unwritten);
      if (!(await canWrite(config))) throw new Error('There is no disk to write to.');
      res.json({ status: 'ok' });
    } catch {
      res.status(503).json({ status: 'unavailable' });
    }
  };
}
