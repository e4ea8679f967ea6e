import { key, reference, table, text, time } from './columns.js';

/** That somebody does not want to be told of one thing for a while. It binds nobody else. */
export class CheckupPostponement extends table('checkup_postponements', {
  tenantId: reference,
  userId: key(reference),
  item: key(text),
  createdAt: time,
  endsAt: time,
}) {}
