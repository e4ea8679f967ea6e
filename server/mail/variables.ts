/** What a template may say in a mail: what it is, and what it looks like in a preview. */
export interface MailVariable {
  readonly description: string;
  /** For a variable named `…Link`: the path. */
  readonly sample: string;
  /** The mail is of no use without it; a link of the mail itself always is what it is for. */
  readonly required?: true;
}

/** What every mail may say; filled in by the outbox, never by who queues the mail. */
export const COMMON_VARIABLES = {
  name: { description: 'Name of the person who gets the mail', sample: 'Uma Ndiaye' },
  username: { description: 'Username of the account', sample: 'uma' },
  organisation: { description: 'Name of the organisation', sample: 'Acme' },
  portalLink: { description: 'Address of this portal', sample: '' },
  forgotPasswordLink: {
    description: 'Address of the page that mails a link to set a new password',
    sample: '/password/forgot',
  },
  activityLink: { description: 'Address of the recent activity of the account', sample: '/security/activity' },
  time: {
    description: 'When it happened, in the language and time zone of who gets the mail',
    sample: '21 November 2026 at 14:05 UTC',
  },
  ip: { description: 'IP address it was done from', sample: '203.0.113.7' },
  browser: { description: 'Browser and operating system it was done with', sample: 'Firefox 143 on Linux' },
} as const satisfies Record<string, MailVariable>;

/** How long the link of a mail works. */
export const validFor = (sample: string): MailVariable => ({ description: 'How long the link is valid', sample });

/** Whoever gets the mail and did not do what it tells of says so with these, and the account is secured. */
export const disavowal = {
  disavowalLink: {
    description: 'Link to say "This wasn\'t me", which secures the account',
    sample: '/disavowal/sample',
  },
  validFor: validFor('7 days'),
} as const satisfies Record<string, MailVariable>;

/** In a subject there is no room for the name beside it. */
export const of: MailVariable = { description: 'The username of the account', sample: 'uma' };

/** Nobody could tell whose these are. */
export const suspended: MailVariable = {
  description: 'SSH keys that wait until their owner puts them back, by name; “none” where there are none',
  sample: 'the SSH key “laptop” (SHA256:…)',
};

/** What administrators are told of an account that was disavowed. */
export const report = {
  account: { description: 'Whose account it is', sample: 'Uma Ndiaye (uma)' },
  of,
  address: { description: 'The present e-mail address of the account, masked', sample: 'u***@a***.example' },
  disavowed: {
    description: 'What was disavowed, and when it happened',
    sample: 'Signed in (20 November 2026 at 03:12 UTC)',
  },
  changes: {
    description: 'What else was changed of the account lately',
    sample: 'Password changed (20 November 2026 at 03:14 UTC)',
  },
  suspended,
  accountLink: { description: 'Address of the account in the administration', sample: '/admin/users/sample' },
} as const satisfies Record<string, MailVariable>;

/** Masked: what stands in the old mailbox need not tell whoever reads it where the mail goes from now on. */
export const newEmail: MailVariable = { description: 'The new e-mail address, masked', sample: 'u***@n***.example' };

/** Whether a mail with these variables of its own must say this one. */
export function isRequired(own: Readonly<Record<string, MailVariable>>, name: string): boolean {
  return Object.hasOwn(own, name) && (isLinkVariable(name) || own[name]?.required === true);
}

/** True for a variable that holds an address of this portal. */
export function isLinkVariable(name: string): boolean {
  return name.endsWith('Link');
}

/** True for a variable that is a username and nothing else; `account` is a name with one. */
export function isUsernameVariable(name: string): boolean {
  return name === 'of' || /username$/i.test(name);
}
