import type { Request, Response } from 'express';
import { typedValues } from '#server/http/form.js';
import { show } from '#server/http/page.js';
import type { TokenSummary } from './summary.js';

const FIELDS = ['name', 'months', 'roleId', 'rights', 'scopes', 'allowedIps'];

/** What is to be made, and where its form goes. */
interface Reviewed {
  name: string;
  summary: TokenSummary;
  to: string;
  /** For whom; null for oneself. */
  account: string | null;
}

/** Says in sentences what a token will be, and has the button that makes it. */
export function showReview(req: Request, res: Response, { name, summary, to, account }: Reviewed): void {
  const typed = typedValues(req.body);
  show(res, 'api-credentials/review', {
    title: 'Review the token',
    ...{ name, summary, formAction: to, account },
    fields: FIELDS.flatMap((field) =>
      [typed[field] ?? []]
        .flat()
        .filter((value) => typeof value === 'string')
        .map((value) => ({ name: field, value })),
    ),
  });
}
