import type { UserKind } from '#policies/enumerations.js';
import type { FactoryRoleKey } from '#policies/roles.js';

export interface CastMember {
  organization: string;
  username: string;
  name: string;
  role: FactoryRoleKey;
  kind: UserKind;
}

export const DEMO_TENANTS = [
  { slug: 'acme', name: 'Acme' },
  { slug: 'globex', name: 'Globex' },
] as const;

const person = (organization: string, username: string, name: string, role: FactoryRoleKey): CastMember => ({
  organization,
  username,
  name,
  role,
  kind: 'person',
});

/** The people of the demonstration, and of the tests. */
export const DEMO_CAST: readonly CastMember[] = [
  person('acme', 'olivia', 'Olivia Okafor', 'owner'),
  person('acme', 'adam', 'Adam Arslan', 'admin'),
  person('acme', 'audrey', 'Audrey Aalto', 'auditor'),
  person('acme', 'uma', 'Uma Ndiaye', 'user'),
  person('acme', 'umar', 'Umar Usman', 'user'),
  { organization: 'acme', username: 'robo', name: 'Robo the build server', role: 'user', kind: 'service' },
  person('globex', 'oscar', 'Oscar Ortega', 'owner'),
  person('globex', 'gary', 'Gary Grant', 'admin'),
  person('globex', 'gina', 'Gina Gallo', 'user'),
  person('platform', 'opal', 'Opal Osei', 'operator'),
];

const FIRST = [
  'Ada',
  'Bruno',
  'Chidi',
  'Dalia',
  'Emre',
  'Farah',
  'Goran',
  'Hana',
  'Ivo',
  'Jun',
  'Kofi',
  'Lena',
  'Milan',
  'Noor',
  'Oya',
  'Pavel',
  'Quinn',
  'Rosa',
  'Sami',
  'Tess',
];
const LAST = [
  'Abebe',
  'Berg',
  'Costa',
  'Diaz',
  'Eriksen',
  'Fofana',
  'Grau',
  'Haddad',
  'Ito',
  'Jansen',
  'Kaya',
  'Lund',
  'Mensah',
  'Novak',
  'Ochoa',
  'Petrov',
  'Rossi',
  'Sato',
  'Tran',
  'Vogel',
];

/** One of the few hundred who can be told apart by their names alone, always the same for the same number. */
export function colleague(number: number): { username: string; name: string } {
  const first = FIRST[number % FIRST.length] ?? 'Ada';
  const last = LAST[(number * 7 + Math.floor(number / FIRST.length) * 3) % LAST.length] ?? 'Abebe';
  return { username: `${first}.${last}`.toLowerCase(), name: `${first} ${last}` };
}

/** One of any number of further users, always the same for the same number. */
export function extra(number: number): { username: string; name: string } {
  const first = FIRST[number % FIRST.length] ?? 'Ada';
  const last = LAST[Math.floor(number / FIRST.length) % LAST.length] ?? 'Abebe';
  return { username: `${first}.${last}.${number}`.toLowerCase(), name: `${first} ${last}` };
}
