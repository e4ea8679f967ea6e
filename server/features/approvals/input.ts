import { APPROVAL_KINDS, APPROVAL_STATES } from '#policies/enumerations.js';
import { choice, filter } from '#server/input/choices.js';
import { asBody, asFilters, asForm, asQuery, described, optional } from '#server/input/kind.js';
import { line, optionalLine } from '#server/input/text.js';

const refusal = { reason: line('Say why: whoever asked for it is told.', 300) };

export const refusalForm = asForm(refusal);
export const refusalBody = asBody(refusal);

const filters = {
  q: described(optionalLine(100), 'In what is asked for, whose account it is about, and who asks.'),
  state: described(optional(choice(APPROVAL_STATES)), 'What has become of it.'),
  kind: optional(choice(APPROVAL_KINDS)),
  decide: described(filter(), 'Only what waits for the caller to decide.'),
  asked: described(filter(), 'Only what the caller has asked for.'),
};

export const approvalQuery = asQuery(filters);
export const approvalFilters = asFilters(filters);
