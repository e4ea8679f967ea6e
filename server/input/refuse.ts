import type { z } from 'zod';

/**
 * Refuses a text for what a rule says of it. What is empty, or was refused by an earlier check, is not refused a second
 * time, unless the rule is `always` asked.
 */
export function refuse(problemOf: (text: string) => string | null, when: 'first' | 'always' = 'first') {
  return (text: string, context: z.RefinementCtx): void => {
    if (when === 'first' && (text === '' || context.issues.length > 0)) return;
    const problem = problemOf(text);
    if (problem !== null) context.addIssue({ code: 'custom', message: problem });
  };
}
