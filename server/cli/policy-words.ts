import type { PolicyDifference } from '#policies/policy-difference.js';
import type { PolicyPreview } from '#server/features/security-policy/effects.js';
import { differencesInWords } from '#server/features/security-policy/words.js';

/** What changes, a line each. */
export function differenceLines(differences: readonly PolicyDifference[]): string[] {
  return differencesInWords(differences).map(({ label, from, to }) => `${label}: ${from} → ${to}`);
}

/** What a change does to those who are there, a line each. */
export function effectLines(preview: PolicyPreview): string[] {
  const { first, setUpBy, passkeysBy, startsAt } = preview;
  const when = startsAt === null ? '' : ' then';
  const credentials = preview.tokensShortened + preview.keysShortened + preview.apiPasswordsShortened;
  const shutOut = preview.shutOut.map(({ username, ip }) => ({ username: `${username} from ${ip}` }));
  const told: (string | false)[] = [
    preview.passwordsExpiring > 0 &&
      `${people(preview.passwordsExpiring, first.passwordsExpiring)} must choose a new password${when}.`,
    preview.sessionsEnding > 0 &&
      `${people(preview.peopleSignedOut, first.peopleSignedOut)}: ${counted(preview.sessionsEnding, 'session ends', 'sessions end')}.`,
    preview.peopleToSetUp > 0 &&
      setUpBy !== null &&
      `${people(preview.peopleToSetUp, first.peopleToSetUp)} must set up two-factor authentication by ${new Date(setUpBy).toISOString()}.`,
    preview.peopleToAddPasskeys > 0 &&
      passkeysBy !== null &&
      `${people(preview.peopleToAddPasskeys, first.peopleToAddPasskeys)} must add passkeys by ${new Date(passkeysBy).toISOString()}: later their password does not lead there any more.`,
    preview.browsersForgotten > 0 &&
      `${counted(preview.browsersForgotten, 'browser is', 'browsers are')} asked for a code again.`,
    preview.peopleShutOut > 0 && `${people(preview.peopleShutOut, shutOut)} will not be let in from there any more.`,
    credentials > 0 && `${counted(credentials, 'API credential ends', 'API credentials end')} sooner.`,
    preview.rulesChange && 'Passwords in use stay valid. Each is held against the new rules when it is next changed.',
  ];
  return told.filter((line) => line !== false);
}

function people(count: number, first: readonly { username: string }[]): string {
  const more = count > first.length ? ', …' : '';
  const named = first.length === 0 ? '' : ` (${first.map(({ username }) => username).join(', ')}${more})`;
  return `${counted(count, 'person', 'people')}${named}`;
}

function counted(count: number, one: string, several: string): string {
  return count === 1 ? `One ${one}` : `${count} ${several}`;
}
