import type { Setting } from './setting.js';

/** How somebody gets back in whom an administrator helps: the rows of the policy about that. */
export const RECOVERY_SETTINGS = {
  twoPersonReset: {
    kind: 'flag',
    part: 'twoFactor',
    label: 'Two administrators for a reset',
    field: 'Two administrators for resets of who may change things of others',
    hint: 'One asks and another approves: to reset or remove a second factor, and to make an access pass. Where two others could approve, it is always so for administrators and owners.',
    about:
      'Whether resetting or removing a factor, or making an access pass, of somebody who may change things of others waits for a second administrator.',
    initial: false,
  },
} as const satisfies Readonly<Record<string, Setting>>;
