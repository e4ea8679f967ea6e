import type { RequestHandler } from 'express';
import type { Services } from '#server/context.js';
import { NotFound } from '#server/errors.js';
import { healthFigures } from '#server/health/figures.js';
import { readAuthorization } from '#server/lib/authorization.js';
import { sameText } from '#server/lib/keyring.js';

/** Figures in Prometheus's text form, for who knows the token; for everybody else there is no such page. */
export function metrics(services: Services): RequestHandler {
  const { metricsToken } = services.config;
  return async (req, res) => {
    const { scheme, given } = readAuthorization(req.headers.authorization);
    if (metricsToken === null || scheme !== 'bearer' || !sameText(given, metricsToken)) throw new NotFound();
    const [counted, health] = await Promise.all([services.meters.text(), healthFigures(services)]);
    res.setHeader('Content-Type', 'text/plain; version=0.0.4; charset=utf-8');
    res.send(`${counted.trimEnd()}\n\n${health}`);
  };
}
