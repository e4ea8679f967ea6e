import assert from 'node:assert/strict';
import type { Page } from './browser.js';

const CSP =
  "default-src 'none';script-src 'self';style-src 'self';img-src 'self' data:;font-src 'self';connect-src 'self';" +
  "form-action 'self';frame-ancestors 'none';base-uri 'none';object-src 'none'";

/** What every answer must say, whatever it answers. */
const ALWAYS: Readonly<Record<string, string>> = {
  'content-security-policy': CSP,
  'x-content-type-options': 'nosniff',
  'referrer-policy': 'same-origin',
  'cross-origin-opener-policy': 'same-origin',
  'cross-origin-resource-policy': 'same-origin',
  'x-frame-options': 'DENY',
};

/** What a file says: it is no page, so it needs less. */
const OF_FILES: Readonly<Record<string, string | undefined>> = {
  'content-security-policy': "default-src 'none';frame-ancestors 'none';base-uri 'none';object-src 'none'",
  'x-content-type-options': 'nosniff',
  'cross-origin-resource-policy': 'same-origin',
  vary: 'Accept-Encoding',
  'permissions-policy': undefined,
  'set-cookie': undefined,
};

/** Passkeys for ourselves, and nothing of the rest. */
const PERMISSIONS = /^publickey-credentials-create=\(self\), publickey-credentials-get=\(self\)(, [a-z-]+=\(\))+$/;

/** Fails unless an answer has every security header, and is kept by nobody. */
export function isGuarded({ headers, path, status }: Page): void {
  const about = `${path} (${status})`;
  for (const [name, value] of Object.entries(ALWAYS)) assert.equal(headers[name], value, `${about}: ${name}`);
  assert.match(headers['permissions-policy'] ?? '', PERMISSIONS, about);
  for (const feature of ['camera', 'geolocation', 'microphone', 'usb'])
    assert.ok(headers['permissions-policy']?.includes(`, ${feature}=()`), `${about}: ${feature}`);
  assert.equal(headers['cache-control'], 'no-store', about);
  tellsNoServer(headers, about);
}

/** Fails unless a file has the headers that files need, and says how long browsers may keep it. */
export function isGuardedFile({ headers, path, status }: Page): void {
  const about = `${path} (${status})`;
  for (const [name, value] of Object.entries(OF_FILES)) assert.equal(headers[name], value, `${about}: ${name}`);
  assert.match(headers['cache-control'] ?? '', /^public, max-age=\d+(, immutable)?$/, about);
  tellsNoServer(headers, about);
}

function tellsNoServer(headers: Page['headers'], about: string): void {
  assert.equal(headers['x-powered-by'], undefined, about);
  assert.equal(headers['server'], undefined, about);
  assert.match(headers['x-request-id'] ?? '', /^[\w-]{12}$/, about);
}

/** Fails when an answer tells of our insides: a stack, a path, a statement. */
export function tellsNothing({ html, path, status }: Page): void {
  assert.doesNotMatch(
    html,
    /\bat [\w.<>]+ \(|node_modules|\.[tj]s:\d+|SQLITE_|SELECT |UPDATE |relation "|Sequelize|ECONNREFUSED/,
    `${path} (${status})`,
  );
}
