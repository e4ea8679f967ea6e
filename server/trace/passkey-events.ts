/** The events about passkeys, and what leads to one or stands on one; part of the catalogue in `events.ts`. */
export const PASSKEY_EVENTS = {
  'passkey.added': { level: 'high', label: 'Passkey added', disavowable: true, telling: true },
  'passkey.changed': { level: 'middle', label: 'Passkey changed', disavowable: true, telling: true },
  'passkey.removed': { level: 'high', label: 'Passkey removed', disavowable: true, telling: true },
  'passkey.restored': { level: 'middle', label: 'Suspended passkey put back', disavowable: true, telling: true },
  'passkey.failed': { level: 'middle', label: 'Passkey refused', disavowable: true },
  'passkey.counter-back': { level: 'high', label: 'A passkey may have been copied', disavowable: true, telling: true },
  'access-pass.made': { level: 'high', label: 'Temporary access pass made', disavowable: true, telling: true },
  'access-pass.used': { level: 'high', label: 'Temporary access pass used', disavowable: true },
  'access-pass.failed': { level: 'middle', label: 'Wrong access pass' },
  'break-glass.used': { level: 'high', label: 'Signed in with a break-glass account' },
  'break-glass.marked': { level: 'high', label: 'Account marked break-glass' },
  'break-glass.unmarked': { level: 'high', label: 'Break-glass account is none any more' },
} as const;
