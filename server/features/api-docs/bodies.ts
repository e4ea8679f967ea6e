import { exampleOf, type Schema, type Schemas } from './examples.js';

// Sent as they stand these do what one would expect of them, and shut nobody out.
const BODIES: Readonly<Record<string, unknown>> = {
  '/security-policy': { preset: 'nist', twoFactor: 'required', maxSessions: 10 },
  '/security-policy/preview': { sessionMaxHours: 8 },
  '/users/bulk': { action: 'end-sessions', all: true, stale: 'yes' },
  '/users/import': { csv: 'username,name,email\nida,Ida Ivers,ida@acme.example\n', dryRun: true },
  '/organisation': { colour: '#0f766e', signInMessage: 'Questions? Ask the help desk.', accountRemovalDays: 14 },
  '/credentials/leaked': { tokens: ['ght_…'] },
};

/** A body for the call of this path. */
export function bodyOf(path: string, schema: Schema, schemas: Schemas): unknown {
  return BODIES[path] ?? exampleOf(schema, schemas, '', path);
}
