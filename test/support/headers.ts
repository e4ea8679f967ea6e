import assert from 'node:assert/strict';
import type { Page } from './browser.js';

const CSP =
  "default-src 'none';script-src 'self';style-src 'self';img-src 'self' data:;font-src 'self';connect-src 'self';" +
  "form-action 'self';frame-ancestors 'none';base-uri 'none';object-src 'none'";

/** What every answer must say, whatever it answers. */
const ALWAYS: Readonly<Record<string, string>> = {
  'content-security-policy': CSP,
  'x-content-type-options': 'nosniff',
  'referrer-policy': 'no-referrer',
  'cross-origin-opener-policy': 'same-origin',
  'cross-origin-resource-policy': 'same-origin',
  'x-frame-options': 'DENY',
};

/** Fails unless an answer has every security header, and is kept by nobody (or, for a file, by everybody). */
export function isGuarded({ headers, path, status }: Page, kept: 'kept' | 'not kept' = 'not kept'): void {
  const about = `${path} (${status})`;
  for (const [name, value] of Object.entries(ALWAYS)) assert.equal(headers[name], value, `${about}: ${name}`);
  assert.match(headers['permissions-policy'] ?? '', /camera=\(\).*geolocation=\(\).*microphone=\(\)/, about);
  assert.equal(headers['x-powered-by'], undefined, about);
  assert.equal(headers['server'], undefined, about);
  assert.match(headers['x-request-id'] ?? '', /^[\w-]{12}$/, about);
  if (kept === 'not kept') assert.equal(headers['cache-control'], 'no-store', about);
  else assert.match(headers['cache-control'] ?? '', /^public, max-age=\d+(, immutable)?$/, about);
}

/** Fails when an answer tells of our insides: a stack, a path, a statement. */
export function tellsNothing({ html, path, status }: Page): void {
  assert.doesNotMatch(
    html,
    /\bat [\w.<>]+ \(|node_modules|\.[tj]s:\d+|SQLITE_|SELECT |UPDATE |relation "|Sequelize|ECONNREFUSED/,
    `${path} (${status})`,
  );
}
