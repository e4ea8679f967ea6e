import { counted } from '#policies/counted.js';

/** As much of a JSON Schema as our document uses. */
export interface Schema {
  $ref?: string;
  type?: string | string[];
  enum?: unknown[];
  const?: unknown;
  format?: string;
  description?: string;
  default?: unknown;
  minimum?: number;
  maximum?: number;
  maxLength?: number;
  maxItems?: number;
  properties?: Record<string, Schema>;
  required?: string[];
  items?: Schema;
  anyOf?: Schema[];
}

export type Schemas = Record<string, Schema>;

const ID = '01a1fd73-7ca1-7646-b816-b41fda5f784f';

// What a reader learns more from than from "text".
const EXAMPLES: Readonly<Record<string, unknown>> = {
  heading: 'You have no second factor',
  answer: 'She has found the phone',
  step: 'Set up two-factor authentication',
  href: '/security/two-factor',
  username: 'uma',
  ownerUsername: 'uma',
  name: 'Uma Ndiaye',
  ownerName: 'Uma Ndiaye',
  email: 'uma@acme.example',
  ownerEmail: 'uma@acme.example',
  slug: 'acme',
  organization: 'acme',
  locale: 'en-GB',
  timeZone: 'Europe/Paris',
  recipient: 'uma@acme.example',
  subject: 'Set a new password for {{organisation}}',
  html: '<p>Hello {{name}},</p>',
  lastError: '550 no such mailbox',
  defaultLocale: 'en-GB',
  defaultTimeZone: 'Europe/Paris',
  logo: '/logos/Yk3mX0pQ7vR2sT5uW8zA1bC4dE6fG9hJkLmNoPqRsTu.png',
  colour: '#0f766e',
  signInMessage: 'Questions? Ask the help desk.',
  ip: '203.0.113.7',
  allowedIps: ['203.0.113.0/24'],
  browser: 'Firefox 143',
  engine: 'Gecko 143',
  os: 'Linux',
  model: null,
  architecture: 'amd64',
  firstCharacters: 'ght_5cQm2vPz8LxK_…',
  fingerprint: 'SHA256:6Ya0Lm2ZrG51nloTlXENEvRKy1h74x3QnzUT5vE1bL0',
  publicKey: 'ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAI… uma@laptop',
  type: 'ssh-ed25519',
  bits: 256,
  comment: 'uma@laptop',
  keptIn: 'Apple Passwords',
  lastUsedIp: '203.0.113.7',
  lastUsedBrowser: 'Firefox 143 on Linux',
  reason: 'Lost phone',
  event: 'user.disabled',
  label: 'User disabled',
  details: { status: { from: 'active', to: 'disabled' } },
  role: 'User',
  description: 'Looks after the accounts of others.',
  scope: 'users:read log:read',
  iss: 'https://portal.example.com',
  token_type: 'Bearer',
  sessionId: ID,
  requestId: 'b7ad6b7169203331',
  next: null,
  hash: 'Q2hlY2twb2ludE9mVGhlU2VjdXJpdHlMb2c',
  keyId: 'k1',
  signature: 'U2lnbmF0dXJlT2ZUaGVDaGVja3BvaW50',
  field: 'minLength',
  about: 'disk',
  text: '81362 MB are free in /var/lib/gatehouse.',
  figures: { disk_free_bytes: 81362000000 },
  csv: 'username,name,email\nida,Ida Ivers,ida@acme.example\n',
  note: 'Read as UTF-8, with commas between the cells. Columns: username, name, email.',
  action: 'import',
  becomes: ['New person: User'],
  from: 15,
  to: 20,
};

// The names of what is no person: by the schema, the field or the address that they stand in.
const NAMES: Readonly<Record<string, string>> = {
  organization: 'Acme',
  Tenant: 'Acme',
  TenantWithFigures: 'Acme',
  Health: 'mail',
  '/tenants': 'Acme',
  '/tenants/{id}': 'Acme',
  role: 'User',
  Role: 'Help desk',
  '/roles': 'Help desk',
  '/roles/{id}': 'Help desk',
  '/roles/preview': 'Help desk',
  '/roles/{id}/preview': 'Help desk',
  Passkey: 'Phone',
  SshKey: 'Laptop',
  '/me/ssh-keys': 'Laptop',
  Token: 'Nightly backup',
  TokenDetails: 'Nightly backup',
  Credential: 'Nightly backup',
  tokensHit: 'Nightly backup',
};

/** A value that a schema allows, made up: the same each time. `within` is what it is part of. */
export function exampleOf(schema: Schema, schemas: Schemas, name = '', within = ''): unknown {
  const { properties, items, anyOf } = schema;
  if (schema.$ref !== undefined) {
    const title = schema.$ref.replace('#/components/schemas/', '');
    return exampleOf(schemas[title] ?? {}, schemas, '', title);
  }
  if (schema.const !== undefined) return schema.const;
  if (schema.enum) return schema.enum[0];
  if (properties)
    return Object.fromEntries(
      Object.entries(properties).map(([key, one]) => [key, exampleOf(one, schemas, key, name || within)]),
    );
  if (name === 'name' && Object.hasOwn(NAMES, within)) return NAMES[within];
  if (Object.hasOwn(EXAMPLES, name) && !(name === 'role' && items)) return EXAMPLES[name];
  if (anyOf) return exampleOf(anyOf[0] ?? {}, schemas, name, within);
  if (schema.format === 'uuid' || name === 'id') return ID;
  if (schema.format === 'date-time') return '2026-11-21T08:30:00.000Z';
  switch ([schema.type].flat()[0]) {
    case 'array':
      return items ? [exampleOf(items, schemas, name.replace(/s$/, ''))] : [];
    case 'object':
      return {};
    case 'boolean':
      return schema.default ?? false;
    case 'integer':
    case 'number':
      return schema.default ?? Math.max(schema.minimum ?? 1, 1);
    default:
      return schema.default ?? 'text';
  }
}

/** What kind of value a schema wants, in a few words. */
export function typeInWords(schema: Schema, schemas: Schemas): string {
  const { items, anyOf, minimum, maximum, maxLength } = schema;
  if (schema.$ref !== undefined) return typeInWords(named(schema.$ref, schemas), schemas);
  if (schema.const !== undefined) return JSON.stringify(schema.const);
  if (schema.enum)
    return schema.enum.length > 15 ? `one of ${schema.enum.length} names` : schema.enum.map(String).join(', ');
  if (anyOf) return anyOf.map((one) => typeInWords(one, schemas)).join(' or ');
  if (schema.format === 'uuid') return 'an id';
  if (schema.format === 'date-time') return 'a time, ISO 8601 in UTC';
  if (items) return `a list: ${typeInWords(items, schemas)}`;
  const [type = 'text'] = [schema.type].flat();
  if (type === 'integer' || type === 'number')
    return minimum === undefined || maximum === undefined ? 'a number' : `a number from ${minimum} to ${maximum}`;
  if (type === 'string') return maxLength === undefined ? 'text' : `text, at most ${counted(maxLength, 'character')}`;
  return type === 'boolean' ? 'true or false' : type;
}

function named(ref: string, schemas: Schemas): Schema {
  return schemas[ref.replace('#/components/schemas/', '')] ?? {};
}
