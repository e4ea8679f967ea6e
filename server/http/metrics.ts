import type { RequestHandler } from 'express';
import type { Registry } from 'prom-client';
import type { Services } from '#server/context.js';
import { NotFound } from '#server/errors.js';
import { sameText } from '#server/lib/keyring.js';

/** Figures in Prometheus's text form, for who knows the token; for everybody else there is no such page. */
export function metrics(services: Services): RequestHandler {
  const { metricsToken } = services.config;
  let registry: Promise<Registry> | undefined;
  return async (req, res) => {
    if (metricsToken === null || !sameText(req.headers.authorization ?? '', `Bearer ${metricsToken}`))
      throw new NotFound();
    // Loaded when somebody asks for the first time: most installations never do.
    registry ??= makeRegistry(services);
    const figures = await registry;
    res.setHeader('Content-Type', figures.contentType);
    res.send(await figures.metrics());
  };
}

async function makeRegistry({ database, clock }: Services): Promise<Registry> {
  const { collectDefaultMetrics, Gauge, Registry } = await import('prom-client');
  const registry = new Registry();
  collectDefaultMetrics({ register: registry });
  const mails = new Gauge({
    name: 'gatehouse_outbox_messages',
    help: 'Mails in the outbox, by state',
    labelNames: ['state'],
    registers: [registry],
    async collect() {
      mails.reset();
      const rows = await database.read('SELECT state, COUNT(*) AS mails FROM outbox_messages GROUP BY state', []);
      for (const row of rows) mails.set({ state: String(row['state']) }, Number(row['mails']));
    },
  });
  const sessions = new Gauge({
    name: 'gatehouse_sessions_seen',
    help: 'Sessions that are open and were seen in the last 15 minutes',
    registers: [registry],
    async collect() {
      const since = clock.now() - 15 * 60_000;
      const [row] = await database.read(
        'SELECT COUNT(*) AS open FROM sessions WHERE ended_at IS NULL AND last_seen_at > $1',
        [since],
      );
      sessions.set(Number(row?.['open'] ?? 0));
    },
  });
  return registry;
}
