import type { Approver } from '#server/identity/approver.js';

const TEXTS: Readonly<Record<Approver, readonly string[]>> = {
  nobody: [],
  here: [
    'Nothing of it happens before another administrator has approved it. Whoever may is told, and so is its owner.',
  ],
  platform: [
    'Nothing of it happens before an operator of the platform has approved it, since nobody else in the organisation may. The operators are told, and so is its owner.',
  ],
  'not-yet': [
    'Another administrator has to approve it, and what you may do is newer than three days, or your address was changed since: ask somebody who has looked after others for longer.',
  ],
};

/** What a page says of who has to approve it first; nothing where nobody has to. */
export function approvalText(approver: Approver): readonly string[] {
  return TEXTS[approver];
}

/** What is said of what waits for somebody else. */
export const WAITS =
  'Another administrator has to approve this first: it waits under Approvals for 24 hours. Its owner is told that you asked.';
