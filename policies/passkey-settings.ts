import type { Setting } from './setting.js';

/** What passkeys may do in an organisation, and what passwords still may beside them. */
export const PASSKEY_SETTINGS = {
  passkeys: {
    kind: 'choice',
    part: 'twoFactor',
    label: 'Passkeys',
    field: 'What a passkey may do',
    initial: 'passwordless',
    choices: {
      off: {
        label: 'Nothing',
        hint: 'Nobody is offered one. Those that are there sleep: they are listed, and ask for nothing.',
      },
      'second-factor': { label: 'Stand beside the password', hint: 'In the place of a code of an app.' },
      passwordless: {
        label: 'Stand instead of the password',
        hint: 'One that was made with PIN, finger or face signs in alone, where its owner says so.',
      },
    },
  },
  passwordSignIn: {
    kind: 'choice',
    part: 'twoFactor',
    label: 'Sign-in with a password',
    field: 'What a password may do',
    about:
      'Where it is `forbidden`, people sign in with a passkey alone; `passkeys` must be `passwordless`. Until the days of grace are over, the password of who has not enough passkeys opens the page that adds them, and no more.',
    initial: 'allowed',
    choices: {
      allowed: { label: 'Sign in', hint: 'Alone, or with a second factor after it.' },
      forbidden: {
        label: 'Nothing',
        hint: 'Everybody signs in with a passkey: with two of them, or one and recovery codes. Until the time above is over, the password of who has not enough opens the page that adds them. Passwords for programs are others, and stay.',
      },
    },
  },
  passkeyCounter: {
    kind: 'choice',
    part: 'twoFactor',
    label: 'Passkeys that count back',
    field: 'When a passkey counts fewer uses than before',
    about:
      'Whether a passkey of one device that counts fewer uses than it did is refused. Log and owner are told in any case.',
    initial: 'report',
    choices: {
      report: { label: 'Tell', hint: 'It is let in. Its owner is mailed: it was copied, or its device was repaired.' },
      refuse: {
        label: 'Refuse it',
        hint: 'One that is kept by a single device opens nothing until it counts further. Synced ones do not count.',
      },
    },
  },
} as const satisfies Readonly<Record<string, Setting>>;
