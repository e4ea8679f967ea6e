import type { z } from 'zod';
import type { userQuery } from './input.js';

type Query = z.infer<typeof userQuery>;
/** What there is to choose from. */
export type Choices = { value: string; label: string }[];

/** What is asked by a box. */
export const CHECKS = {
  administrators: 'Administrators',
  lacksPasskey: 'Lacks a demanded passkey',
  locked: 'Locked',
  stale: 'No sign-in for 90 days',
  lapsed: 'Invitation lapsed',
} as const;
const ORDERS = {
  name: 'Name',
  username: 'Username',
  email: 'E-mail',
  status: 'Status',
  '-lastSignedInAt': 'Last sign-in, latest first',
  lastSignedInAt: 'Last sign-in, longest ago first',
  '-createdAt': 'Created, newest first',
  createdAt: 'Created, oldest first',
} as const;
/** What the filters are called where a link got one wrong. */
export const LABELS: Readonly<Record<string, string>> = {
  ...CHECKS,
  q: 'the search',
  kind: 'kind',
  status: 'status',
  roleId: 'role',
  twoFactor: 'two-factor',
  passkey: 'passkey',
  secondFactor: 'second factor',
  breakGlass: 'break-glass',
  sort: 'order',
  page: 'page',
  after: 'place',
  before: 'place',
};

/** What is chosen from lists, and the order. */
export function selectsOf(query: Query, roles: Choices) {
  const { kind, status, roleId, twoFactor, passkey, secondFactor, breakGlass, sort } = query;
  const reversed = Object.hasOwn(ORDERS, sort) ? [] : [{ value: sort, label: 'As in the table' }];
  return [
    {
      name: 'status',
      label: 'Status',
      empty: 'Any status',
      value: status,
      options: optionsOf('active', 'invited', 'disabled'),
    },
    { name: 'roleId', label: 'Role', empty: 'Any role', value: roleId, options: roles },
    {
      name: 'secondFactor',
      label: 'Second factor',
      empty: 'Any',
      value: secondFactor,
      options: yesOrNo('With one', 'Without one'),
    },
    {
      name: 'twoFactor',
      label: 'App',
      empty: 'Any',
      value: twoFactor,
      options: optionsOf('active', 'pending', 'disabled'),
    },
    {
      name: 'passkey',
      label: 'Passkey',
      empty: 'Any',
      value: passkey,
      options: yesOrNo('With a passkey', 'Without a passkey'),
    },
    {
      name: 'breakGlass',
      label: 'Break-glass',
      empty: 'Any',
      value: breakGlass,
      options: yesOrNo('Break-glass accounts', 'No break-glass accounts'),
    },
    {
      name: 'kind',
      label: 'Kind',
      empty: 'Everybody',
      value: kind,
      options: [
        { value: 'person', label: 'People' },
        { value: 'service', label: 'Service accounts' },
      ],
    },
    {
      name: 'sort',
      label: 'Sort by',
      value: sort,
      options: [...Object.entries(ORDERS).map(([value, label]) => ({ value, label })), ...reversed],
    },
  ];
}

function optionsOf(...words: string[]) {
  return words.map((value) => ({ value, label: value.charAt(0).toUpperCase() + value.slice(1) }));
}

function yesOrNo(yes: string, no: string) {
  return [
    { value: 'yes', label: yes },
    { value: 'no', label: no },
  ];
}
