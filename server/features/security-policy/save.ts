import type { SignedInContext } from '#server/context.js';
import { changePolicy } from './actions.js';
import type { PolicyChange } from './change.js';
import { previewPolicy, type PolicyPreview } from './effects.js';
import { OtherWaits, schedulePolicy, startOf } from './schedule.js';
import { hitsAuthor } from './you-too.js';

/** What was typed beside the values. */
interface Typed {
  startsAt: string;
  replaces: string;
  restores?: string | null;
  /** No preview was looked at. */
  unreviewed?: boolean;
}

/**
 * Saves a change, or sets it for later; where another waits that would be replaced, or the change hits whoever makes it and
 * has not seen that, gives the preview, which asks.
 */
export async function saveOrAsk(
  context: SignedInContext,
  change: PolicyChange,
  { startsAt: typed, replaces, restores = null, unreviewed = false }: Typed,
): Promise<{ flash: string } | { asks: PolicyPreview }> {
  const startsAt = startOf(context, typed);
  if (unreviewed) {
    const found = await previewPolicy(context, change, startsAt);
    if (hitsAuthor(found, context)) return { asks: found };
  }
  if (startsAt === null) return { flash: savedInWords(await changePolicy(context, change, { restores }), restores) };
  try {
    await schedulePolicy(context, change, { startsAt, replaces: replaces || null, restores });
  } catch (error) {
    if (!(error instanceof OtherWaits)) throw error;
    return { asks: await previewPolicy(context, change, startsAt) };
  }
  return { flash: 'The change is set for later. Those who must do something get a mail 7 days and 1 day before.' };
}

function savedInWords(
  { differences, sessionsEnded }: { differences: readonly unknown[]; sessionsEnded: number },
  restores: string | null,
): string {
  if (differences.length === 0) return 'The security policy was like this already: nothing has changed.';
  const saved = `The security policy has been ${restores === null ? 'changed' : 'restored'}.`;
  if (sessionsEnded === 0) return saved;
  return `${saved} ${sessionsEnded === 1 ? 'One session has' : `${sessionsEnded} sessions have`} been ended.`;
}
