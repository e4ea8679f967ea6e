import { disavowal } from './variables.js';

/** The mails about sign-ins. */
export const SIGN_IN_MAILS = {
  'sign-in-outside': {
    label: 'Right password or passkey from an address that is not allowed',
    description:
      'To the owner of an account, when their password or passkey was used where the organisation lets nobody in.',
    variables: disavowal,
  },
  'sign-in-stopped': {
    label: 'Right password, and no code',
    description:
      'To the owner of an account, once a day at most, when their password was entered in a new browser and no code followed.',
    variables: disavowal,
  },
  'new-sign-in': {
    label: 'Sign-in from a new browser',
    description: 'To the owner of an account, after a sign-in with a browser that was not used before.',
    variables: disavowal,
  },
} as const;
