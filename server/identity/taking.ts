import type { Approval } from '#models/approval.js';
import { Passkey } from '#models/passkey.js';
import type { User } from '#models/user.js';
import type { TakingKind } from '#policies/enumerations.js';
import { Conflict, NotFound } from '#server/errors.js';
import { MINUTE } from '#server/lib/clock.js';
import { hasCodes } from './factors.js';
import { spanText } from '#server/mail/words.js';

/** What is taken from the account of somebody else, or given to who has nothing left to sign in with. */
export interface Taking {
  kind: TakingKind;
  reason: string;
  /** For how many minutes a pass is made; null where a link is mailed instead. */
  minutes: number | null;
  /** The one passkey that goes; all of them where none is named. */
  passkeyId?: string;
}

interface Kind {
  /** What it is, for people who did not ask for it; null where there is nothing to take. */
  describe(user: User, taking: Taking): Promise<string | null>;
  /** Says that there is nothing to take. */
  refuse(): Error;
}

const KINDS: Readonly<Record<TakingKind, Kind>> = {
  'two-factor-reset': {
    describe: (user) => Promise.resolve(hasApp(user) ? 'The reset of the two-factor secret' : null),
    refuse: () =>
      new Conflict('Two-factor authentication is not set up for this account. Mark it “must set up” instead.'),
  },
  'two-factor-removal': {
    describe: async (user) =>
      hasApp(user) || (await hasCodes(user)) ? 'The removal of two-factor authentication' : null,
    refuse: () => new Conflict('Two-factor authentication is not set up for this account.'),
  },
  'passkey-removal': {
    async describe(user, { passkeyId }) {
      const count = await Passkey.count({ where: { ...passkeysOf(user, passkeyId) } });
      if (count === 0) return null;
      return count === 1 ? 'The removal of a passkey' : 'The removal of all passkeys';
    },
    refuse: () => new NotFound(),
  },
  'access-pass': {
    describe: ({ kind, status }, { minutes }) =>
      Promise.resolve(
        kind === 'person' && status === 'active' && minutes !== null
          ? `An access pass for ${spanText(minutes * MINUTE, 'en')}`
          : null,
      ),
    refuse: () =>
      new Conflict(
        'Only the active account of a person can be given an access pass. Enable the account, or send its invitation again.',
      ),
  },
};

/** What it is, for people who did not ask for it; null where there is nothing to take. */
export function describeTaking(user: User, taking: Taking): Promise<string | null> {
  return KINDS[taking.kind].describe(user, taking);
}

/** The same, where there must be something. Throws what says that there is not. */
export async function demandTaking(user: User, taking: Taking): Promise<string> {
  const what = await describeTaking(user, taking);
  if (what === null) throw KINDS[taking.kind].refuse();
  return what;
}

/** What an approval is about, to be taken. */
export function takingOf({ kind, reason, minutes, userId, subjectId }: Approval): Taking {
  if (kind === 'api-token') throw new Error('A token is not taken.');
  return { kind, reason, minutes, ...(subjectId === userId ? {} : { passkeyId: subjectId }) };
}

/** Which passkeys are meant. */
export function passkeysOf({ tenantId, id: userId }: User, passkeyId?: string) {
  return { tenantId, userId, ...(passkeyId === undefined ? {} : { id: passkeyId }) };
}

function hasApp({ twoFactor }: User): boolean {
  return twoFactor !== 'disabled';
}
