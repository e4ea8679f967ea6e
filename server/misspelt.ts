import { distance } from 'fastest-levenshtein';

/**
 * Says of each name that is set, is no setting and looks like one, which it may be meant for: what is set in vain is a
 * setting that somebody believes in. No more than that, since what is set may be another program's.
 */
export function misspelt(set: readonly string[], settings: ReadonlySet<string>): string[] {
  return set.flatMap((name) => {
    if (settings.has(name)) return [];
    const meant = [...settings].find((setting) => distance(name.toUpperCase(), setting) <= slipsIn(setting));
    return meant === undefined ? [] : [`${name} is set, and is no setting of Gatehouse. Is ${meant} meant?`];
  });
}

// Two letters that have changed places count as two.
const slipsIn = (setting: string): number => (setting.length < 7 ? 1 : 2);
